from django.db import migrations

FREEZE = """
CREATE FUNCTION observability_audit_freeze() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER observability_audit_frozen BEFORE UPDATE OR DELETE ON observability_auditentry
  FOR EACH ROW EXECUTE FUNCTION observability_audit_freeze();
"""
THAW = """
DROP TRIGGER observability_audit_frozen ON observability_auditentry;
DROP FUNCTION observability_audit_freeze();
"""


class Migration(migrations.Migration):
    dependencies = [("observability", "0001_initial")]
    operations = [migrations.RunSQL(FREEZE, THAW)]
