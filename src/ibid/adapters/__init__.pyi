from .embedders.choice import is_built_in as is_built_in
from .embedders.choice import open_embedder as open_embedder
from .embedders.minilm import MINILM as MINILM
from .embedders.minilm import MiniLM as MiniLM
from .embedders.ray_cluster import spread as spread
from .embedders.sentence_transformer import (
    SentenceTransformerEmbedder as SentenceTransformerEmbedder,
)
from .embedders.served import ServedEmbedder as ServedEmbedder
from .indexes.open import check_stored as check_stored
from .indexes.open import open_index as open_index
from .indexes.open import open_store as open_store
from .indexes.open import parts as parts
from .indexes.open import refuse_foreign as refuse_foreign
from .indexes.open import refuse_mixed as refuse_mixed
from .indexes.trial import trial_places as trial_places
from .readers.minilm_reader import MiniLMReader as MiniLMReader
from .rerankers.cross_encoder import CrossEncoderReranker as CrossEncoderReranker
from .servers.choice import Choice as Choice
from .servers.choice import describe_run as describe_run
from .servers.choice import find_generator as find_generator
from .servers.choice import require_generator as require_generator
from .servers.choice import survey_server as survey_server
from .servers.connection import Deadline as Deadline
from .servers.connection import ServerKind as ServerKind
from .servers.connection import asking as asking
from .servers.connection import locate as locate
from .watching import watch_folder as watch_folder
from .watching import watch_folders as watch_folders
