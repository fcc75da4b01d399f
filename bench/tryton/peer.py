"""The peer's side, run by the Python of its own environment: `-m bench.tryton.peer set-up|round|offers DATABASE [REQUESTS]`.

Everything goes through Tryton's model layer on the server, one transaction a step over all records: the best it can do.
The last line told is JSON.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from proteus import Model, Wizard, config
from trytond.pool import Pool
from trytond.transaction import Transaction

from bench.tryton.workload import REQUESTS, SUPPLIERS, Request, workload

PRODUCT = "Home care hour"
MODULES = ("purchase_request_quotation", "purchase_requisition")


def main(command: str, database: str, requests: int = REQUESTS) -> None:
    """Does one command and tells its result."""
    settings = config.set_trytond(os.environ["PEER_URI"] % database, config_file=os.environ["TRYTOND_CONFIG"])
    if command == "set-up":
        set_up(settings)
        told: object = {}
    else:
        market = Market(database, settings, workload(requests))
        told = market.whole_round() if command == "round" else market.replies_to_send()
    print(json.dumps(told))


# ------------------------------------------------------------------------------------------------------------ set up


def set_up(settings: Any) -> None:
    """Modules, a company with its accounts, somebody who buys, and what is bought."""
    from trytond.modules.account.tests.tools import create_chart, get_accounts
    from trytond.modules.company.tests.tools import create_company

    Model.get("ir.module").click(Model.get("ir.module").find([("name", "in", MODULES)]), "activate")
    Wizard("ir.module.activate_upgrade").execute("upgrade")
    create_company(config=settings)
    create_chart(config=settings)
    _add_buyer(settings)
    category = Model.get("product.category")(name="Care", accounting=True)
    category.account_expense = get_accounts()["expense"]
    category.save()
    (hour,) = Model.get("product.uom").find([("name", "=", "Hour")])
    product = Model.get("product.template")(name=PRODUCT, default_uom=hour, type="service", list_price=Decimal(24))
    product.purchasable, product.account_category = True, category
    product.save()


def _add_buyer(settings: Any) -> None:
    party = Model.get("party.party")(name="Broker")
    party.save()
    employee = Model.get("company.employee")(party=party)
    employee.save()
    user = Model.get("res.user")(settings.user)
    user.employees.append(employee)
    user.employee = employee
    user.save()


# ------------------------------------------------------------------------------------------------------------ a round


class Market:
    """One round on one database."""

    def __init__(self, database: str, settings: Any, requests: list[Request]) -> None:
        self._database, self._settings, self._requests = database, settings, requests
        self._context = dict(settings._context)
        self._model: Callable[..., Any] = Pool(database).get
        self._seconds: dict[str, float] = {}
        with self._transaction():
            self._suppliers = self._add_suppliers()
            self._to_buy = self._add_requests()
        self._offers: dict[tuple[int, int], tuple[int, int]] = {}
        """Quotation and line, by request and supplier."""

    def whole_round(self) -> dict[str, float]:
        """From the first offer to the purchases; the seconds of each step."""
        for name, step in (
            ("create", self._create),
            ("send", self._send),
            ("answer", self._answer),
            ("choose", self._choose),
            ("purchase", self._purchase),
        ):
            started = time.perf_counter()
            with self._transaction():
                step()
            self._seconds[name] = time.perf_counter() - started
        return self._seconds

    def replies_to_send(self) -> list[tuple[int, int, int | None]]:
        """Makes and sends the offers; quotation, line and price (None for a no) of each reply that is to come."""
        for step in (self._create, self._send):
            with self._transaction():
                step()
        return [
            (*self._offers[request.number, reply.supplier], reply.price_pence)
            for request in self._requests
            for reply in request.replies
            if reply.is_sent
        ]

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with Transaction().start(self._database, self._settings.user, context=self._context) as transaction:
            yield transaction
            transaction.commit()

    def _add_suppliers(self) -> list[int]:
        address = {"postal_code": "PR1 2CD", "city": "Preston"}
        rows = [{"name": f"Provider {n}", "addresses": [("create", [address])]} for n in range(SUPPLIERS)]
        return [party.id for party in self._model("party.party").create(rows)]

    def _add_requests(self) -> list[int]:
        """Approved requisitions, each with the purchase request that comes of it; the requests' ids in our order."""
        requisition = self._model("purchase.requisition")
        (employee,) = self._model("company.employee").search([])
        (product,) = self._model("product.product").search([("template.name", "=", PRODUCT)])
        (warehouse,) = self._model("stock.location").search([("code", "=", "WH")])
        shared = {"employee": employee.id, "supply_date": _today(), "warehouse": warehouse.id}
        line = {"product": product.id, "unit": product.default_uom.id}
        made = requisition.create(
            [
                {**shared, "description": f"{one.number}", "lines": [("create", [{**line, "quantity": one.hours}])]}
                for one in self._requests
            ]
        )
        requisition.wait(made)
        requisition.approve(made)
        requisition.process(requisition.browse([one.id for one in made if requisition(one.id).state == "approved"]))
        drafts = self._model("purchase.request").search([("state", "=", "draft")])
        return [one.id for one in sorted(drafts, key=lambda one: int(one.origin.requisition.description))]

    def _create(self) -> None:
        """An offer per request and supplier, as the wizard makes them, saved all together."""
        quotation, line = self._model("purchase.request.quotation"), self._model("purchase.request.quotation.line")
        requests = self._model("purchase.request").browse(self._to_buy)
        parties = self._model("party.party").browse(self._suppliers)
        quotations, lines, keys = [], [], []
        for ours, request in zip(self._requests, requests, strict=True):
            for reply in ours.replies:
                supplier = parties[reply.supplier]
                quotations.append(quotation(supplier=supplier, company=request.company))
                quotations[-1].supplier_address = supplier.address_get()
                lines.append(_line_of(line, request, quotations[-1]))
                keys.append((ours.number, reply.supplier))
        quotation.save(quotations)
        line.save(lines)
        self._model("purchase.request").update_state(requests)
        ids = [(one.id, other.id) for one, other in zip(quotations, lines, strict=True)]
        self._offers = dict(zip(keys, ids, strict=True))

    def _send(self) -> None:
        quotation = self._model("purchase.request.quotation")
        quotation.send(quotation.browse([quotation_id for quotation_id, _ in self._offers.values()]))

    def _answer(self) -> None:
        quotation, line = self._model("purchase.request.quotation"), self._model("purchase.request.quotation.line")
        sent = [
            (*self._offers[request.number, reply.supplier], reply.price_pence)
            for request in self._requests
            for reply in request.replies
            if reply.is_sent
        ]
        prices = {line_id: Decimal(price) / 100 for _, line_id, price in sent if price is not None}
        lines = line.browse(list(prices))
        for one in lines:
            one.unit_price = prices[one.id]
        line.save(lines)
        quotation.receive(quotation.browse([key for key, _, price in sent if price is not None]))
        quotation.reject(quotation.browse([key for key, _, price in sent if price is None]))

    def _choose(self) -> None:
        best = [one.best_quotation_line for one in self._model("purchase.request").browse(self._to_buy)]
        if not all(best):
            raise RuntimeError("A request has no best offer.")

    def _purchase(self) -> None:
        wizard = self._model("purchase.request.create_purchase", type="wizard")
        session, start, _ = wizard.create()
        chosen = {"active_model": "purchase.request", "active_ids": self._to_buy, "active_id": self._to_buy[0]}
        with Transaction().set_context(**chosen):
            wizard.execute(session, {}, start)


def _line_of(line: Any, request: Any, quotation: Any) -> Any:
    return line(
        request=request,
        description=request.description,
        quantity=request.quantity,
        unit=request.unit,
        currency=request.currency,
        supply_date=request.supply_date or datetime.date.max,
        quotation=quotation,
    )


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
