"""What a workspace's own roles may know of its members: a view that shows each of them its own workspace only."""

from django.db import migrations

# In a view the tables are read as its owner, and current_user is whoever asks: the second wall, for one read.
VIEW = """
CREATE VIEW accounts_membershere WITH (security_barrier) AS
SELECT m.user_id AS person, m.role, ARRAY(
  SELECT t.team_id FROM accounts_team_members t WHERE t.membership_id = m.id
) AS teams
FROM accounts_membership m
JOIN accounts_workspace w ON w.id = m.workspace_id
JOIN accounts_user u ON u.id = m.user_id
WHERE w.schema_name = regexp_replace(current_user::text, '_g$', '') AND w.closed_at IS NULL AND u.is_active
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people")]
    operations = [migrations.RunSQL(VIEW, "DROP VIEW accounts_membershere")]
