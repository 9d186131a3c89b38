"""One currency and one base year: euro of 2024. Amounts of other currencies and years are inflated in their own
currency to 2024 and then exchanged at the mean rate of 2024.

Sources: exchange rates, annual means of the ECB's reference rates 2024 (1.0824 USD/EUR, 0.84662 GBP/EUR; recalled).
Price indices, annual means, all items, 2015 = 100 but for the US: US CPI-U (BLS series CUUR0000SA0; recalled); euro
area HICP (Eurostat prc_hicp_aind; recalled); UK CPI (ONS series D7BT; recalled).
"""

from __future__ import annotations

BASE_YEAR = 2024
BASE_CURRENCY = "EUR"
PER_EURO_2024 = {"EUR": 1.0, "USD": 1.0824, "GBP": 0.84662}
PRICE_INDEX: dict[str, dict[int, float]] = {
    "USD": {2017: 245.120, 2018: 251.107, 2020: 258.811, 2021: 270.970, 2022: 292.655, 2023: 304.702, 2024: 313.689},
    "EUR": {2018: 103.6, 2019: 104.8, 2020: 105.1, 2021: 107.8, 2022: 116.8, 2023: 123.2, 2024: 126.1},
    "GBP": {2018: 105.9, 2020: 108.7, 2021: 111.6, 2022: 121.7, 2023: 130.5, 2024: 133.9},
}


def euro_of_2024(amount: float, currency: str = "EUR", year: int = BASE_YEAR) -> float:
    """An amount of a currency and year in euro of 2024; unknown ones raise KeyError with what is known."""
    if currency not in PRICE_INDEX:
        raise KeyError(f"currency {currency!r} is not among {', '.join(sorted(PRICE_INDEX))}")
    index = PRICE_INDEX[currency]
    if year not in index:
        raise KeyError(f"year {year} of {currency} is not among {', '.join(map(str, sorted(index)))}")
    return amount * index[BASE_YEAR] / index[year] / PER_EURO_2024[currency]
