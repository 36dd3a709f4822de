"""How raw rows write times: to the second, and in an order that sorts. Pages of ours say theirs."""

DATE_FORMAT = "Y-m-d"
DATETIME_FORMAT = "Y-m-d H:i:s"
