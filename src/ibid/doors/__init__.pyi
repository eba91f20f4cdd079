from .mcp import serve_stdio as serve_stdio
from .serving import list_doors as list_doors
from .serving import serve as serve
from .serving import serve_agents as serve_agents
