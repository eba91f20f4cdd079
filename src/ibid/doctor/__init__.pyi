from .canary import choose_canary as choose_canary
from .checks import CHAT_ADDRESS as CHAT_ADDRESS
from .checks import LEFT_OUT as LEFT_OUT
from .checks import CheckResult as CheckResult
from .checks import describe_chat as describe_chat
from .checks import examine as examine
from .checks import exit_code as exit_code
