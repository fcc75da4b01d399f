"""`make audit`: looks at every page, as every role, at two widths, and says what would stand in somebody's way.

A copy of the demo is furnished with what the demo lacks (`ground`, `furnishing`), every address is found by following
links and by filling in addresses from the tables (`addresses`), each page's HTML is read (`markup`) and each page is
opened in Chromium (`browsing`, with the measures of `measures.js`). `report` prints what was found.
"""
