"""A true llama.cpp server whose model has random weights: it babbles words of the articles.

Run as a program it writes the model and serves it, prints its address, and stays until its
standard input is closed: the C++ side keeps threads, and logs to stderr, that no test wants.
"""

import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np

WORDS = 600
_DIM, _HIDDEN, _HEADS, _LAYERS = 64, 128, 4, 2
_CONTROL, _BYTE, _NORMAL = 3, 6, 1  # kinds of tokens in a GGUF
_EOS = 2
_CHAT = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def write_model(path: Path, texts: list[str], context: int, seed: int) -> None:
    """Write a llama of random weights that knows the commonest words of the texts."""
    import gguf

    tokens = _tokens(texts)
    random = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("babble")
    writer.add_context_length(context)
    writer.add_embedding_length(_DIM)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_DIM // _HEADS)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(number) for number in range(len(tokens))])
    writer.add_token_types(_kinds(tokens))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(_EOS)
    writer.add_unk_token_id(0)
    writer.add_chat_template(_CHAT)
    loud = _loudness(tokens, _words(texts))
    for name, shape in _shapes(len(tokens)).items():
        weights = random.standard_normal(shape) if len(shape) > 1 else np.ones(shape)
        scale = loud if name == "output.weight" else 1
        writer.add_tensor(name, (weights * scale).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _words(texts: list[str]) -> list[str]:
    """Return the commonest words and marks, each as it stands in a sentence."""
    counts = Counter(re.findall(r"[A-Za-z]+|[.,]", " ".join(texts)))
    common = [word for word, _ in counts.most_common(WORDS)]
    return [word if word in ".," else f"▁{word}" for word in common]


def _tokens(texts: list[str]) -> list[str]:
    """Return bytes, then words with every beginning of theirs: pieces are joined pair by pair."""
    words = _words(texts)
    beginnings = {word[:end] for word in words for end in range(1, len(word) + 1)}
    letters = {letter for word in words for letter in word}
    known = sorted(beginnings | letters, key=lambda piece: (-len(piece), piece))
    return ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *known]


def _kinds(tokens: list[str]) -> list[int]:
    kinds = [_BYTE if token.startswith("<0x") else _NORMAL for token in tokens]
    return [2, _CONTROL, _CONTROL, *kinds[3:]]


def _shapes(size: int) -> dict[str, tuple[int, ...]]:
    shapes = {"token_embd": (size, _DIM), "output": (size, _DIM), "output_norm": (_DIM,)}
    for layer in range(_LAYERS):
        block = {
            "attn_norm": (_DIM,),
            "ffn_norm": (_DIM,),
            **dict.fromkeys(("attn_q", "attn_k", "attn_v", "attn_output"), (_DIM, _DIM)),
            **dict.fromkeys(("ffn_gate", "ffn_up"), (_HIDDEN, _DIM)),
            "ffn_down": (_DIM, _HIDDEN),
        }
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in block.items()}
    return {f"{name}.weight": shape for name, shape in shapes.items()}


def _loudness(tokens: list[str], words: list[str]) -> np.ndarray:
    """Return by what each token's chance is raised: it writes whole words, and comes to an end."""
    said = set(words)
    loud = [1.0 if token in said else 0.0 for token in tokens]
    loud[_EOS], loud[tokens.index(".")] = 1.3, 1.3
    return np.array(loud)[:, None]


def main() -> None:
    """Serve a model over the texts of a folder until standard input is closed."""
    import xllamacpp

    folder, path, context, seed = sys.argv[1:]
    texts = [each.read_text("utf-8", "replace") for each in sorted(Path(folder).iterdir())]
    write_model(Path(path), texts, int(context), int(seed))
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.n_ctx, params.n_parallel, params.port = int(context), 1, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
