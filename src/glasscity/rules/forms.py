from glasscity.rules.fixed import f8


def linear_target(s, boldness, weight):
    return 15 - (f8(weight) * s * (14 - boldness)) // (256 * 14)


def expression_target(s, boldness, dissent, weight):
    return linear_target(s, boldness, weight)
