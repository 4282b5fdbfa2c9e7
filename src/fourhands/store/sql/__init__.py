"""The store on SQLAlchemy (Core, async): SQLite now, written so that PostgreSQL is a second engine and nothing else.

`app` makes a `store.SqlStore` from a database URL. Nothing outside this package imports SQLAlchemy.
"""
