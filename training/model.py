"""The reader: the last layers of all-MiniLM-L6-v2 over a question and a window of an article.

The first layers are the embedder's own, and see the question and the window apart; the last ones
see both. A sentence's score starts as its cosine and learns what has to be added to it. "Not
answered here" is one more choice beside the sentences, so that scores of windows can be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import (
    binary_cross_entropy_with_logits,
    gelu,
    scaled_dot_product_attention,
    softplus,
)

from ibid.adapters.embedders.minilm import find_model

WIDTH, LAYERS, HEADS, EPSILON = 384, 6, 12, 1e-12

_NOWHERE = -1e4
"""Score of a sentence that is none."""

COSINE = 18.5
"""What a cosine counts for in a score: not learned, for training lowers it to 8.5, and then the
reader forgets what the embedder knows of subjects that it was not trained on (near misses of the
two articles that are chosen by: AUC .727 with 8.5, .753 with 18.5 and with 28.5)."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions and windows in tokens, zero where there is none."""

    questions: Tensor
    """Shape (pairs, tokens)."""
    windows: Tensor
    """Shape (pairs, tokens)."""
    sentences: Tensor
    """Which sentence a token of a window belongs to, -1 for none; of the same shape."""
    cosines: Tensor
    """Of each sentence with its question, shape (pairs, sentences); -1 where there is none."""


class Layer(nn.Module):
    """A layer of BERT (Devlin et al. 2019)."""

    def __init__(self, weights: dict[str, Tensor], name: str) -> None:
        super().__init__()
        parts = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
        self.mix = _linear(
            torch.cat([weights[f"{part}.weight"] for part in parts]),
            torch.cat([weights[f"{part}.bias"] for part in parts]),
        )
        self.mixed = _named(weights, f"{name}.attention.output.dense")
        self.first = _norm(weights, f"{name}.attention.output.LayerNorm")
        self.widen = _named(weights, f"{name}.intermediate.dense")
        self.narrow = _named(weights, f"{name}.output.dense")
        self.second = _norm(weights, f"{name}.output.LayerNorm")

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:
        rows, tokens, _ = x.shape
        parts = self.mix(x).view(rows, tokens, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(*parts, attn_mask=seen)
        x = self.first(x + self.mixed(mixed.transpose(1, 2).reshape(rows, tokens, WIDTH)))
        return self.second(x + self.narrow(gelu(self.widen(x))))


_EMBEDDINGS = ("word", "position")


class TwoTexts(nn.Module):
    """Layers of which the first see two texts apart, and the last see both."""

    words: Tensor
    places: Tensor

    def __init__(self, apart: int) -> None:
        super().__init__()
        weights = load_file(find_model() / "model.safetensors")
        self.apart = apart
        words, places = (weights[f"embeddings.{kind}_embeddings.weight"] for kind in _EMBEDDINGS)
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        self.register_buffer("words", words, persistent=False)
        self.register_buffer("places", places + kind, persistent=False)
        self.start = _norm(weights, "embeddings.LayerNorm").requires_grad_(False)
        layers = [Layer(weights, f"encoder.layer.{number}") for number in range(LAYERS)]
        self.lower = nn.ModuleList(layers[:apart]).requires_grad_(False)
        self.upper = nn.ModuleList(layers[apart:])
        self.asked = nn.Parameter(torch.zeros(WIDTH))

    @torch.no_grad()
    def read_apart(self, tokens: Tensor) -> Tensor:
        """Return the states of texts after the first layers."""
        x = self.start(self.words[tokens] + self.places[: tokens.shape[1]])
        seen = (tokens > 0)[:, None, None, :]
        for layer in self.lower:
            x = layer(x, seen)
        return x

    def read_together(self, first: Tensor, second: Tensor, seen: Tensor) -> Tensor:
        """Return the states of two texts, one behind the other, after all layers."""
        x = torch.cat([first + self.asked, second], dim=1)
        for layer in self.upper:
            x = layer(x, seen[:, None, None, :])
        return x

    def learned(self) -> dict[str, Tensor]:
        """Return what is the model's own: all but the embedder's part."""
        return {
            name: value.cpu()
            for name, value in self.state_dict().items()
            if not name.startswith(("lower.", "start."))
        }


class Reader(TwoTexts):
    """Scores each sentence of a window for a question, above what "not here" scores."""

    def __init__(self, apart: int) -> None:
        super().__init__(apart)
        self.mean, self.peak, self.absent = (_zeros() for _ in range(3))
        self.scale = nn.Parameter(torch.tensor(COSINE), requires_grad=False)
        self.bar = nn.Parameter(torch.tensor(COSINE / 2))

    def forward(self, batch: Batch, questions: Tensor, windows: Tensor) -> Tensor:
        """Return what each sentence scores above "not here", shape (pairs, sentences)."""
        seen = torch.cat([batch.questions, batch.windows], dim=1) > 0
        x = self.read_together(questions, windows, seen).float()
        return self.score(batch, x)

    def score(self, batch: Batch, x: Tensor) -> Tensor:
        """Return the scores from the last states."""
        read = x[:, batch.questions.shape[1] :]
        number = torch.arange(batch.cosines.shape[1])
        within = batch.sentences[:, None, :] == number[None, :, None]
        means = within.float() @ self.mean(read) / within.sum(-1, keepdim=True).clamp(min=1)
        peaks = self.peak(read).transpose(1, 2).masked_fill(~within, -1e4).amax(-1)
        learned = means[..., 0] + peaks - self.absent(x[:, 0])
        scores = self.scale * batch.cosines - self.bar + learned
        return scores.masked_fill(batch.cosines <= -1, _NOWHERE)


class Judge(TwoTexts):
    """Tells what evidence makes of a claim: supports it, leaves it open, or contradicts it.

    Tokens that the other text does not have, and those that it does not have behind the same one,
    are marked: what is only copied need not be learned. What supports a claim is lessened by its
    worst token, since a claim is as true as its falsest word, and by the token of the evidence that
    most should not have been left out.
    """

    def __init__(self, apart: int) -> None:
        super().__init__(apart)
        self.whole, self.token, self.left = _zeros(3), _zeros(), _zeros()
        self.shared = _zeros(3, inputs=2)
        """What the share of the claim's tokens that the evidence has, alone and in pairs, tells."""
        self.unlike = nn.Parameter(torch.zeros(2, 2, WIDTH))
        """Added to a token of either text that the other one does not have, alone or in a pair."""

    def forward(self, claims: Tensor, evidence: Tensor) -> tuple[Tensor, Tensor]:
        """Return what speaks for each of three labels, and against each token of the claims.

        Shapes (pairs, 3) and (pairs, tokens).
        """
        seen = torch.cat([claims, evidence], dim=1) > 0
        first, second = self.read_apart(claims), self.read_apart(evidence)
        missing = unmatched(claims, evidence)
        first = first + missing @ self.unlike[0]
        second = second + unmatched(evidence, claims) @ self.unlike[1]
        x = self.read_together(first, second, seen).float()
        there = (claims > 0)[..., None]
        whole = self.whole(x[:, 0]) + self.shared((missing * there).sum(1) / there.sum(1))
        length = claims.shape[1]
        tokens = self.token(x[:, :length])[..., 0].masked_fill(claims == 0, _NOWHERE)
        left = self.left(x[:, length:])[..., 0].masked_fill(evidence == 0, _NOWHERE)
        worst = tokens[:, 1:].amax(-1) + left.amax(-1)
        return torch.cat([whole[:, :1] - worst[:, None], whole[:, 1:]], dim=1), tokens


def unmatched(tokens: Tensor, others: Tensor) -> Tensor:
    """Return for each token 1 where the other text does not have it, and where not in such a pair.

    Shape (pairs, tokens, 2). The pair is that with the token before.
    """
    same = (tokens[:, :, None] == others[:, None, :]) & (others > 0)[:, None, :]
    pairs = torch.zeros_like(same)
    pairs[:, 1:, 1:] = same[:, 1:, 1:] & same[:, :-1, :-1]
    pairs[:, 0] = True
    return 1 - torch.stack([same.any(-1), pairs.any(-1)], dim=-1).float()


ALONE = 0.25
"""What telling each sentence by itself counts in the loss, beside choosing the right one."""


def missed(scores: Tensor, right: Tensor, groups: Tensor | None = None) -> Tensor:
    """Return the loss: of choosing a right sentence, or "not here" where none is; and of each.

    The first teaches which comes first among the windows that one question is put to, the second
    which answer at all, however many do. `groups` holds the number of each row's question, from 0
    on; without it each row has its own.
    """
    groups = torch.arange(len(scores)) if groups is None else groups
    own = groups == torch.arange(int(groups.max()) + 1)[:, None]  # (questions, rows)
    best = scores.logsumexp(1).masked_fill(~own, _NOWHERE).logsumexp(1)
    chosen = scores.masked_fill(~right, _NOWHERE).logsumexp(1)
    chosen = chosen.masked_fill(~own, _NOWHERE).logsumexp(1)
    answered = (own & right.any(1)).any(1)
    there = scores > _NOWHERE / 2
    each = binary_cross_entropy_with_logits(scores[there], right[there].float())
    return (softplus(best) - chosen.where(answered, 0)).mean() + ALONE * each


def pad(rows: Sequence[Sequence[int]], value: int = 0) -> Tensor:
    """Return rows of numbers as one tensor, `value` behind those that are shorter."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    linear.load_state_dict({"weight": weight, "bias": bias})
    return linear


def _named(weights: dict[str, Tensor], name: str) -> nn.Linear:
    return _linear(weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: dict[str, Tensor], name: str) -> nn.LayerNorm:
    norm = nn.LayerNorm(WIDTH, eps=EPSILON)
    norm.load_state_dict({part: weights[f"{name}.{part}"] for part in ("weight", "bias")})
    return norm


def _zeros(outputs: int = 1, inputs: int = WIDTH) -> nn.Linear:
    linear = nn.Linear(inputs, outputs)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear
