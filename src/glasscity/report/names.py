from glasscity.metrics import registry


def metric_names(names, resolved, lang): return {n: registry.about(n).label for n in names}
def unit(name, lang): return registry.about(name).unit
