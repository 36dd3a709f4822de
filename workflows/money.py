"""Money is integers of micro-dollars (10**-6 dollars); this is how an amount is written."""


def dollars(micro: int) -> str:
    sign, micro = ("-", -micro) if micro < 0 else ("", micro)
    if micro == 0:
        return "$0.00"
    if micro < 100:
        return "> -$0.0001" if sign else "< $0.0001"
    whole, tenths_of_mills = divmod((micro + 50) // 100, 10_000)
    return f"{sign}${whole:,}.{tenths_of_mills:04}"
