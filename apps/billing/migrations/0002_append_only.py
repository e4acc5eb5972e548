from django.db import migrations

FREEZE = """
CREATE FUNCTION billing_creditentry_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the credit ledger is append-only';
END $$;
CREATE TRIGGER billing_creditentry_frozen BEFORE UPDATE OR DELETE ON billing_creditentry
  FOR EACH ROW EXECUTE FUNCTION billing_creditentry_freeze();
"""
THAW = "DROP TRIGGER billing_creditentry_frozen ON billing_creditentry; DROP FUNCTION billing_creditentry_freeze();"


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
