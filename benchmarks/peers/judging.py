"""What a ranking is worth, by ir-measures."""

from collections.abc import Mapping, Sequence

from peers.corpora import Corpus


def judge(corpus: Corpus, ranking: Mapping[str, Sequence[str]]) -> Mapping[str, dict[str, float]]:
    """Return success@1 and nDCG@10 over the questions that were judged, none without any."""
    import ir_measures
    from ir_measures import Qrel, ScoredDoc, Success, nDCG

    asked = [question for question in corpus.questions if question.relevant]
    if not asked:
        return {}
    qrels = [Qrel(each.id, name, 1) for each in asked for name in each.relevant]
    run = [
        ScoredDoc(each.id, name, -place)
        for each in asked
        for place, name in enumerate(n for n in ranking[each.id] if n != each.source)
    ]
    found = ir_measures.calc_aggregate([Success @ 1, nDCG @ 10], qrels, run)
    return {"quality": {str(measure): round(value, 4) for measure, value in found.items()}}
