from django.db import migrations

FREEZE = """
CREATE FUNCTION policy_call_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'the call ledger is append-only';
  END IF;
  IF OLD.state IN ('done', 'denied', 'lost') THEN
    RAISE EXCEPTION 'call % is closed and frozen', OLD.id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER policy_call_frozen BEFORE UPDATE OR DELETE ON policy_call
  FOR EACH ROW EXECUTE FUNCTION policy_call_freeze();
"""
THAW = "DROP TRIGGER policy_call_frozen ON policy_call; DROP FUNCTION policy_call_freeze();"


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
