"""Pages of the control plane."""

from django.urls import path

from apps.policy.views import agents, budgets, credentials, guardrails, policies, sign_ins, simulate, tools

app_name = "policy"
urlpatterns = [
    path("policies", policies.policies, name="policies"),
    path("policies/check", policies.check, name="check"),
    path("policies/versions/<int:number>", policies.version, name="version"),
    path("policies/versions/<int:number>/<slug:act>", policies.move, name="move"),
    path("policies/simulate", simulate.simulate, name="simulate"),
    path("policies/replay", simulate.replay, name="replay"),
    path("settings/credentials", credentials.credentials_page, name="credentials"),
    path("settings/credentials/<slug:credential>/rotate", credentials.rotate, name="rotate_credential"),
    path("settings/credentials/<slug:credential>/tools", credentials.allow, name="allow_credential"),
    path("settings/credentials/<slug:credential>/delete", credentials.delete, name="delete_credential"),
    path("billing/budgets", budgets.budgets, name="budgets"),
    path("billing/budgets/set", budgets.set_budget, name="set_budget"),
    path("billing/budgets/<slug:kind>/except", budgets.except_budget, name="except_budget"),
    path("billing/budgets/<slug:kind>/remove", budgets.remove_budget, name="remove_budget"),
    path("billing/budgets/<slug:kind>/<slug:subject>/except", budgets.except_budget, name="except_budget"),
    path("billing/budgets/<slug:kind>/<slug:subject>/remove", budgets.remove_budget, name="remove_budget"),
    path("policies/agents", agents.agents, name="agents"),
    path("policies/agents/pause", agents.pause_workspace, name="pause_workspace"),
    path("policies/agents/resume", agents.resume_workspace, name="resume_workspace"),
    path("policies/agents/tools/pause", agents.pause_tool, name="pause_tool"),
    path("policies/agents/tools/resume", agents.resume_tool, name="resume_tool"),
    path("policies/agents/capabilities/grant", agents.grant, name="grant_capability"),
    path("policies/agents/capabilities/<slug:capability>/revoke", agents.revoke, name="revoke_capability"),
    path("policies/agents/<slug:role>/autonomy", agents.set_autonomy, name="agent_autonomy"),
    path("policies/agents/<slug:role>/limit", agents.limit, name="agent_limit"),
    path("policies/agents/<slug:role>/pause", agents.pause_agent, name="pause_agent"),
    path("policies/agents/<slug:role>/resume", agents.resume_agent, name="resume_agent"),
    path("policies/guardrails", guardrails.guardrails, name="guardrails"),
    path("policies/guardrails/<slug:name>", guardrails.choose_guardrail, name="choose_guardrail"),
    path("policies/tools", tools.tools, name="tools"),
    path("policies/tools/servers", tools.add_server, name="add_server"),
    path("policies/tools/servers/<slug:server>/look", tools.look_at_server, name="look_at_server"),
    path("policies/tools/servers/<slug:server>/connect", sign_ins.connect, name="connect_server"),
    path("policies/tools/servers/<slug:server>/sign-in", sign_ins.sign_in, name="sign_in"),
    path("policies/tools/servers/<slug:server>/callback", sign_ins.callback, name="sign_in_callback"),
    path("policies/tools/servers/<slug:server>/sign-out", sign_ins.sign_out, name="sign_out_server"),
    path("policies/tools/servers/<slug:server>/remove", tools.remove_server, name="remove_server"),
    path("policies/tools/<path:tool>/enable/<slug:seen>", tools.enable_tool, name="enable_tool"),
    path("policies/tools/<path:tool>/approve/<slug:seen>", tools.approve_tool, name="approve_tool"),
    path("policies/tools/<path:tool>/disable", tools.disable_tool, name="disable_tool"),
]
