"""Which pages of the large campaign are asked for, deep ones too: by their kind."""

import random
from collections.abc import Sequence

from benchmarks.product.large import WORDS
from benchmarks.scale.load import Asked
from ideas.answers.idea_list import Order
from ideas.desk.table import COLUMNS
from ideas.recognition.standing import Board

SEED = 19
SHARES = (0.1, 0.5, 0.9)  # of the list, before a deep page
TYPED = ("vélo", "transports", "gratuit vélo", "covoit", "l’achat", "zzzz")
# Where a deep page begins in orders by a count: as many responses as most ideas have.
COUNT = {Order.SUPPORTED: 2, Order.DISCUSSED: 0, Order.FEW: 3}


def readers_pages(campaign_id: int, ideas: Sequence[int], people: Sequence[int]) -> list[Asked]:
    """What any member reads."""
    chance, home = random.Random(SEED), f"/campaigns/{campaign_id}"  # noqa: S311 -- pages to measure
    asked = [Asked("list", f"{home}/ideas?order={order}") for order in Order]
    for order in Order:
        for share in SHARES:
            middle = ideas[round(share * (len(ideas) - 1))]
            asked.append(Asked("list, deep", f"{home}/ideas?order={order}&after={COUNT.get(order, middle)}-{middle}"))
    words = [*TYPED, *chance.sample(WORDS, 4)]
    asked += [Asked("search", f"{home}/ideas?containing={_quoted(one)}") for one in words]
    middle = ideas[len(ideas) // 2]
    asked += [Asked("search, deep", f"{home}/ideas?containing={_quoted(one)}&after={middle}-{middle}") for one in words]
    asked += [Asked("idea", f"{home}/ideas/{one}") for one in chance.sample(ideas, 10)]
    boards = [board for board in Board if board is not Board.GROUPS]
    asked += [Asked("standings", f"{home}/standing?board={board}") for board in boards]
    asked += [
        Asked("standings, deep", f"{home}/standing?board={board}&period=all&after={points}-{people[len(people) // 2]}")
        for board in boards
        for points in (5, 20, 60)
    ]
    return asked


def desk_pages(campaign_id: int, themes: Sequence[int]) -> list[Asked]:
    """What its owner works with."""
    home = f"/campaigns/{campaign_id}"
    columns = "&".join(f"col={column}" for column in COLUMNS)
    addresses = [
        f"{home}/themes/table",
        f"{home}/themes/table?{columns}",
        f"{home}/reading",
        f"{home}/themes/search?containing={_quoted('vélo')}",
        f"{home}/themes/{themes[0]}",
        f"{home}/themes/{themes[-1]}",
    ]
    return [Asked("desk", one) for one in addresses]


def _quoted(words: str) -> str:
    from urllib.parse import quote

    return quote(words)
