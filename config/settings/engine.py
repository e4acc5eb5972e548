"""How steps run: modes, lanes, the gate. The names are the book's; the values come from the environment."""

import os

AGENT_STEP_EXECUTION_MODE = os.environ.get("AGENT_STEP_EXECUTION_MODE", "inline")
AGENT_STEP_QUEUE_STRICT = os.environ.get("AGENT_STEP_QUEUE_STRICT", "false").lower() == "true"
AGENT_STEP_RESULT_TIMEOUT_SECONDS = int(os.environ.get("AGENT_STEP_RESULT_TIMEOUT_SECONDS", "300"))
AGENT_DEFAULT_QUEUE = os.environ.get("AGENT_DEFAULT_QUEUE", "agent_general")
AGENT_ROLE_QUEUE_MAP = os.environ.get(
    "AGENT_ROLE_QUEUE_MAP",
    "planner_retriever:agent_planner,evidence_scraper:agent_scraper,analyst:agent_analyst,"
    "governor:agent_general,memory:agent_general,publisher:agent_general,code_executor:agent_sandbox",
)
# A worker that is silent for this long is presumed dead; it renews at a third of it.
LEASE_SECONDS = float(os.environ.get("FOOTNOTE_LEASE_SECONDS", "15"))
SWEEP_SECONDS = float(os.environ.get("FOOTNOTE_SWEEP_SECONDS", "2"))
# A task whose worker died this often is failed instead of being tried again.
MAX_CLAIMS_PER_TASK = 12
MAX_CALLS_PER_TASK = 200
MAX_MICRO_DOLLARS_PER_TASK = 5_000_000
APPROVAL_DAYS = 7
# What a run sets aside of the month's budgets when it begins, to be finished from when they are used up; at most a
# tenth of the smallest of them.
RUN_RESERVE_TOKENS = 50_000
RUN_RESERVE_MICRO_DOLLARS = 100_000

# Empty: the gate runs in the caller's own process (tests, inline development; refused in production and live mode).
GATE_URL = os.environ.get("FOOTNOTE_GATE_URL", "")
# Which process this is: web, worker, gate, scheduler, or empty for a command line.
PROCESS = os.environ.get("FOOTNOTE_PROCESS", "")
WORKLOAD_SECRET = os.environ.get("FOOTNOTE_WORKLOAD_SECRET", "")
TOKEN_KEY = os.environ.get("FOOTNOTE_TOKEN_KEY", "")
TOKEN_SECONDS = 600
# A token that the gate shows a tool of ours is good for so long, and never for more than 300 s.
ISSUED_TOKEN_SECONDS = 300

# The ES256 key, one or more, with which the scheduler signs checkpoints of the audit log; and how often.
AUDIT_KEY = os.environ.get("FOOTNOTE_AUDIT_KEY", "")
AUDIT_CHECKPOINT_SECONDS = 86_400
# X25519 keys, base64url, the first seals: the gate opens credentials with them, and nobody else has them.
CREDENTIAL_KEYS = os.environ.get("FOOTNOTE_CREDENTIAL_KEYS", "").split()

# Providers: read by the gate only.
OPENAI_BASE_URL = os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1")
OPENAI_API_KEY = os.environ.get("OPENAI_API_KEY", "")
OPENAI_MODEL = os.environ.get("OPENAI_MODEL", "gpt-5-mini")
OPENAI_EMBEDDING_MODEL = os.environ.get("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small")
# Micro-dollars for a million tokens, in and out.
OPENAI_INPUT_PRICE = int(os.environ.get("OPENAI_INPUT_PRICE", "250000"))
OPENAI_OUTPUT_PRICE = int(os.environ.get("OPENAI_OUTPUT_PRICE", "2000000"))
OPENAI_EMBEDDING_PRICE = int(os.environ.get("OPENAI_EMBEDDING_PRICE", "20000"))
# Answers in place of OPENAI_MODEL where a budget is nearly used and the step allows; empty: the same model goes on.
OPENAI_CHEAP_MODEL = os.environ.get("OPENAI_CHEAP_MODEL", "")
OPENAI_CHEAP_INPUT_PRICE = int(os.environ.get("OPENAI_CHEAP_INPUT_PRICE", "50000"))
OPENAI_CHEAP_OUTPUT_PRICE = int(os.environ.get("OPENAI_CHEAP_OUTPUT_PRICE", "400000"))
SEARCH_PROVIDER = os.environ.get("SEARCH_PROVIDER", "")
SEARXNG_URL = os.environ.get("SEARXNG_URL", "")
TAVILY_API_KEY = os.environ.get("TAVILY_API_KEY", "")
TAVILY_URL = os.environ.get("TAVILY_URL", "https://api.tavily.com")
# host:port pairs on loopback that a fetch may reach; for tests and demonstrations.
FETCH_LOOPBACK_HOSTS = [h for h in os.environ.get("FOOTNOTE_FETCH_LOOPBACK_HOSTS", "").split(",") if h]
# The same for servers of tools (MCP); a workspace may add such an address only where this names it.
MCP_LOOPBACK_HOSTS = [h for h in os.environ.get("FOOTNOTE_MCP_LOOPBACK_HOSTS", "").split(",") if h]
# Live calls that may be under way at once, a provider.
PROVIDER_CONCURRENCY = int(os.environ.get("FOOTNOTE_PROVIDER_CONCURRENCY", "8"))
