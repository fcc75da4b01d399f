"""What nobody would type into a field or write into an address."""

from __future__ import annotations

NUL = "ZZ\x00ZZ"
ODD = (
    NUL,
    "x" * 8_192,
    "\u202eevil\u202c \u0627\u0644\u0633\u0644\u0627\u0645",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 e\u0301",
    "-1",
    "1e309",
    "NaN",
    "18.005",
    "9" * 25,
    "2026-02-30",
    "'; DROP TABLE package; --",
    "<script>alert(1)</script>{{7*7}}",
    "\r\nSet-Cookie: evil=1",
    "\ufffe\uffff\u2028\x1b[31m",
    "00000000-0000-0000-0000-000000000000",
    "\uff11\uff18",
)
ODD_QUERIES = (
    "page=1000000000000000000000000&sort=xyz&per=1e9&number=-1&endpoint=x&_external=1&_scheme=javascript",
    "page=0&page=1&page=x&q=%00&state=%00&lot=%ED%A0%80&kind=%FF%FE&show=%00",
    "&".join(["q=" + "%F0%9F%91%A9" * 300, "status=x", "zone=x", "scheme=x", "round=x", "tag=x", "next=//evil"]),
    "&".join(["status=ready"] * 200) + "&round=%27&kind=cqc&page=2&_anchor=x",
)
