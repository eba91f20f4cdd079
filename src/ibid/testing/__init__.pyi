from .conformance import CHECKS as CHECKS
from .conformance import Check as Check
from .fakes import HashEmbedder as HashEmbedder
from .fakes import ScriptedGenerator as ScriptedGenerator
from .trial import Outcome as Outcome
from .trial import try_checks as try_checks
