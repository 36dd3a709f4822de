"""PostgreSQL refuses to edit or delete what is booked. SQLite has triggers too, but loses them
whenever Django rebuilds a table; there the tests refuse."""

from django.db import migrations

TABLES = ("ledgertransaction", "ledgerentry", "statementline", "charge", "reviewnote")
REFUSE = """
    CREATE FUNCTION imagegen_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only: book a correction', TG_TABLE_NAME;
    END $$
"""


def close(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(REFUSE, params=None)  # its % is no placeholder
    for table in TABLES:
        schema_editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON imagegen_{table}"
            " FOR EACH ROW EXECUTE FUNCTION imagegen_append_only()"
        )


def open_again(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("DROP FUNCTION imagegen_append_only() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("imagegen", "0006_open_the_books")]
    operations = [migrations.RunPython(close, open_again, elidable=False)]
