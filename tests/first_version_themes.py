"""The themes of a community as the first version stored them: runs, people's acts, proposals. See tests.first_version.

At the school, people did every kind of act and a run waits as a proposal. At the canteen, a proposal was accepted.
"""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

OWNER, FACILITATOR = 1, 2
SCHOOL, CANTEEN = 1, 2
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
MODEL = "use-multilingual"

# The runs and the proposals that some of them became, named by what happened to them.
SCHOOL_RUN, SCHOOL_DECLINED, SCHOOL_OVERTAKEN, SCHOOL_OPEN, CANTEEN_RUN, CANTEEN_ACCEPTED = range(1, 7)
DECLINED, OVERTAKEN, WAITING, ACCEPTED = range(1, 5)

SCHOOL_NEEDS = [
    "Planter des arbres", "Un potager partagé", "Des bancs à l’ombre", "Des tables dehors",
    "Un abri pour les vélos", "Un préau plus grand", "Des jeux peints au sol", "Un coin calme",
]  # fmt: skip
CANTEEN_NEEDS = ["Plus de légumes du jardin", "Moins de bruit à midi", "Des menus affichés", "Un menu écrit d’avance"]
SCHOOL_THEMES, CANTEEN_THEMES = range(1, 9), range(11, 15)
SPLIT_OFF, BORN = 9, 15
SCHOOL_IDEAS, CANTEEN_IDEAS = range(1, 33), range(41, 57)
LEFT_OVER = {33: "between", 34: "alone", 35: "alone", 36: "between", 57: "between", 58: "alone"}
WITHDRAWN = 37


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


# Themes and placements as a run found them ----------------------------------------------------------------------------


def found_theme(theme: int, name: str, first_idea: int, place: int) -> dict[str, Any]:
    campaign = SCHOOL if theme < CANTEEN_THEMES[0] else CANTEEN
    near = theme + 1 if theme not in {SCHOOL_THEMES[-1], CANTEEN_THEMES[-1]} else theme - 1
    return {
        "id": theme, "campaign_id": campaign, "found_name": name, "given_name": None,
        "phrases": [name.lower(), f"idée {theme}"], "exemplars": [first_idea, first_idea + 1], "cohesion": 0.2345,
        "x": place / 10, "y": 0.4512, "created_at": at(600), "retired_at": None, "family": place // 4,
        "parts": [], "languages": [["fr", 0.75], ["en", 0.25]],
        "apart": {"theme": near, "likeness": 0.31, "here": [name.lower()], "there": ["autre chose"]},
        "doubts": ["small"] if place else [], "touched": False, "measured": True,
    }  # fmt: skip


def found_placement(idea: int, theme: int | None, nearest: list[tuple[int, float]], leaf: int | None) -> dict[str, Any]:
    return {
        "idea_id": idea, "campaign_id": SCHOOL if idea < CANTEEN_IDEAS[0] else CANTEEN, "theme_id": theme,
        "leftover": LEFT_OVER.get(idea), "strength": nearest[0][1],
        "nearest": [{"theme": near, "strength": strength} for near, strength in nearest],
        "x": idea / 100, "y": 0.25, "placed_by_id": None, "leaf": leaf, "neighbours": [idea + 1, idea - 1],
        "shared": [] if theme is None or idea in {5, 6} else [f"idée {theme}"], "placed_how": None,
    }  # fmt: skip


def found_in(themes: range, ideas: range) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    needs = SCHOOL_NEEDS if themes is SCHOOL_THEMES else CANTEEN_NEEDS
    of_idea = {idea: themes[place // 4] for place, idea in enumerate(ideas)}
    found = [found_theme(theme, needs[place], ideas[4 * place], place) for place, theme in enumerate(themes)]
    placements = [
        found_placement(idea, theme, [(theme, 0.8125), (themes[themes.index(theme) - 1], 0.625)], themes.index(theme))
        for idea, theme in of_idea.items()
    ]
    return found, placements


def school_as_found() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    themes, placements = found_in(SCHOOL_THEMES, SCHOOL_IDEAS)
    placements += [found_placement(idea, None, [(2, 0.375), (8, 0.25)], None) for idea in (33, 34, 35, 36)]
    return themes, [*placements, found_placement(WITHDRAWN, 2, [(2, 0.75)], 1)]


def canteen_as_found() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    themes, placements = found_in(CANTEEN_THEMES, CANTEEN_IDEAS)
    return themes, placements + [found_placement(idea, None, [(11, 0.375), (12, 0.25)], None) for idea in (57, 58)]


def tree(needs: list[str], ideas: range) -> list[dict[str, Any]]:
    """One node a theme, then a parent for each two, up to the root."""
    nodes = [
        {"parent": len(needs) + place // 2, "height": 0.0, "size": 4, "name": need, "phrases": [need.lower()],
         "cohesion": 0.2345, "exemplars": [ideas[4 * place], ideas[4 * place + 1]]}
        for place, need in enumerate(needs)
    ]  # fmt: skip
    first, count = 0, len(needs)
    while count > 1:
        for place in range(count // 2):
            left, right = nodes[first + 2 * place], nodes[first + 2 * place + 1]
            nodes.append(
                left | {"height": left["height"] + 0.25, "size": left["size"] + right["size"],
                        "name": f"{left['name']} et alentour", "parent": None}
            )  # fmt: skip
        first, count = first + count, count // 2
        for place in range(count):
            nodes[first + place]["parent"] = first + count + place // 2 if count > 1 else None
    return nodes


def run(number: int, campaign: int, minute: float, *, applied: bool, granularity: int = 0) -> dict[str, Any]:
    needs, ideas = (SCHOOL_NEEDS, SCHOOL_IDEAS) if campaign == SCHOOL else (CANTEEN_NEEDS, CANTEEN_IDEAS)
    themes = SCHOOL_THEMES if campaign == SCHOOL else CANTEEN_THEMES
    return {
        "id": number, "campaign_id": campaign, "model": MODEL, "created_at": at(minute), "ideas": len(ideas),
        "themes": len(needs), "too_few": False, "seconds": {"read": 0.0125, "total": 1.5},
        "applied_at": at(minute + 1) if applied else None, "granularity": granularity, "base": len(needs),
        "tree": tree(needs, ideas), "families": [{"name": "Dehors"}, {"name": "Dedans"}],
        "events": [{"change": "born", "theme": theme, "others": []} for theme in themes],
    }  # fmt: skip


# People's acts --------------------------------------------------------------------------------------------------------

FOUND = ("found_name", "phrases", "exemplars", "cohesion", "measured", "languages", "apart", "doubts", "x", "y",
         "family", "parts")  # fmt: skip
RESHAPED = {"measured": False, "apart": None, "doubts": []}


class Acts:
    """The themes of a campaign as people's acts change them. Each act is kept with the states before and after it."""

    def __init__(self, campaign: int, themes: list[dict[str, Any]], placements: list[dict[str, Any]]) -> None:
        self.campaign = campaign
        self.themes = {row["id"]: row for row in themes}
        self.placements = {row["idea_id"]: row for row in placements}
        self.forbidden: dict[tuple[int, int], list[Any]] = {}
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        kind: str,
        summary: dict[str, Any],
        *,
        themes: dict[int, dict[str, Any]] | None = None,
        ideas: dict[int, dict[str, Any]] | None = None,
        forbid: tuple[int, int] | None = None,
        lift: tuple[int, int] | None = None,
        run: int = SCHOOL_RUN,
        by: int = OWNER,
        state: str = "of the idea",
        undone: bool = False,
    ) -> None:
        """Carry out an act, and keep it; one that was undone since leaves no trace but its row.

        `state`: "earliest" for an act older than proposals, "of the place" for an accepted proposal.
        """
        number = 100 * self.campaign + len(self.rows)
        as_it_was = deepcopy((self.themes, self.placements, self.forbidden))
        bans = [pair for pair in (lift, forbid) if pair]
        before = self._states(themes or {}, ideas or {}, bans, state)
        for theme, values in (themes or {}).items():
            self.themes[theme] |= values
        for idea, values in (ideas or {}).items():
            self.placements[idea] |= values
        if lift:
            del self.forbidden[lift]
        if forbid:
            self.forbidden[forbid] = [by, at(700 + number).isoformat()]
        after = self._states(themes or {}, ideas or {}, bans, state)
        if state != "earliest":
            concerned = [] if kind in {"move", "pin", "unpin"} else [*(themes or {})]
            summary, after = {"themes": concerned} | summary, after | {"run": run}
        if undone:
            self.themes, self.placements, self.forbidden = as_it_was
        self.rows.append(
            {"id": number, "campaign_id": self.campaign, "kind": kind, "person_id": by, "created_at": at(700 + number),
             "reason": "" if len(self.rows) % 2 else "Lu deux fois.", "summary": summary, "before": before,
             "after": after, "undone_at": at(700 + number + 0.5) if undone else None,
             "undone_by_id": FACILITATOR if undone else None}
        )  # fmt: skip

    def _states(self, themes: Any, ideas: Any, bans: list[tuple[int, int]], state: str) -> dict[str, Any]:
        names = ("phrases", "exemplars") if state == "earliest" else FOUND
        states = {
            "themes": {
                str(theme): {"given_name": row["given_name"], "retired": row["retired_at"] is not None}
                | {name: row[name] for name in names}
                for theme, row in self.themes.items()
                if theme in themes
            },
            "placements": {
                str(idea): {"theme": row["theme_id"], "leftover": row["leftover"], "placed_by": row["placed_by_id"]}
                | ({} if state == "earliest" else {"placed_how": row["placed_how"]})
                | ({name: row[name] for name in ("strength", "shared")} if state == "of the idea" else {})
                for idea, row in self.placements.items()
                if idea in ideas
            },
        }
        if state != "earliest":
            states["forbidden"] = [[*pair, *self.forbidden[pair]] for pair in bans if pair in self.forbidden]
        return deepcopy(states)

    def put(self, *ideas: int, theme: int | None, how: str | None, by: int = OWNER) -> dict[int, dict[str, Any]]:
        """What changes of ideas that a person puts into a theme, or into none; with `how` None, that the machine puts.

        Their strength there is known of the nearest themes alone.
        """
        changes = {}
        for idea in ideas:
            row = self.placements[idea]
            known = (near["strength"] for near in row["nearest"] if theme in {None, near["theme"]})
            stays = {"strength": row["strength"], "shared": row["shared"]}
            changes[idea] = {
                "theme_id": theme, "leftover": "alone" if theme is None else None,
                "placed_by_id": by if how else None, "placed_how": how,
            } | (stays if theme == row["theme_id"] else {"strength": next(known, 0.0), "shared": []})  # fmt: skip
        return changes


def school_acts() -> Acts:
    """An act of every kind but accepting a proposal; two of them undone, the first three older than proposals."""
    acts = Acts(SCHOOL, *school_as_found())
    name = {theme: row["found_name"] for theme, row in acts.themes.items()}
    new = "Le vélo des petits"
    acts.add(
        "rename", {"from": name[1], "to": "De l’ombre"}, state="earliest",
        themes={1: {"given_name": "De l’ombre", "touched": True}},
    )  # fmt: skip
    acts.add("move", {"to": name[1], "ideas": 1, "idea": 5}, state="earliest", ideas=acts.put(5, theme=1, how="moved"))
    acts.add("move", {"to": None, "ideas": 1, "idea": 6}, state="earliest", ideas=acts.put(6, theme=None, how="alone"))
    acts.add(
        "merge", {"into": name[3], "others": [name[4]], "ideas": 8},
        themes={
            3: RESHAPED | {"touched": True, "phrases": ["des bancs à l’ombre", "des tables dehors", "idée 3", "idée 4"],
                           "exemplars": [9, 13, 10]},
            4: {"retired_at": at(1003)},
        },
        ideas=acts.put(*range(9, 17), theme=3, how="merged"),
    )  # fmt: skip
    acts.themes[SPLIT_OFF] = acts.themes[5] | {
        "id": SPLIT_OFF, "given_name": new, "found_name": new, "phrases": [], "exemplars": [], "cohesion": 0.0,
        "x": 0.1750, "y": 0.25, "retired_at": at(1004), "created_at": at(1004), "languages": [], **RESHAPED,
    }  # fmt: skip
    acts.add(
        "split", {"from": name[5], "new": new, "ideas": 2},
        themes={5: RESHAPED | {"touched": True, "languages": []}, SPLIT_OFF: {"retired_at": None, "touched": True}},
        ideas=acts.put(17, 18, theme=SPLIT_OFF, how="split") | acts.put(19, 20, theme=5, how="split"),
    )  # fmt: skip
    acts.add("move", {"to": name[7], "ideas": 2, "idea": 21}, ideas=acts.put(21, 22, theme=7, how="moved"))
    acts.add(
        "move", {"to": None, "ideas": 1, "idea": 23}, ideas=acts.put(23, theme=None, how="alone", by=FACILITATOR),
        by=FACILITATOR,
    )  # fmt: skip
    acts.add("move", {"to": name[8], "ideas": 1, "idea": 33}, ideas=acts.put(33, theme=8, how="moved"))
    acts.add("pin", {"ideas": 2, "idea": 25}, ideas=acts.put(25, 26, theme=7, how="pinned"))
    acts.add("unpin", {"ideas": 1, "idea": 26}, ideas=acts.put(26, theme=7, how=None))
    acts.add(
        "forbid", {"theme": name[8], "ideas": 1, "idea": 29}, forbid=(29, 8), themes={8: {}},
        ideas=acts.put(29, theme=7, how=None),
    )  # fmt: skip
    acts.add(
        "forbid", {"theme": name[7], "ideas": 1, "idea": 31}, forbid=(31, 7), themes={7: {}}, ideas={31: {}},
    )  # fmt: skip
    acts.add(
        "move", {"to": name[7], "ideas": 1, "idea": 31}, lift=(31, 7), ideas=acts.put(31, theme=7, how="moved")
    )  # fmt: skip
    acts.add(
        "rename", {"from": name[2], "to": "Le potager"}, themes={2: {"given_name": "Le potager"}}, undone=True
    )  # fmt: skip
    acts.add(
        "move", {"to": name[1], "ideas": 1, "idea": 7}, ideas=acts.put(7, theme=1, how="moved"), undone=True
    )  # fmt: skip
    return acts


def canteen_acts() -> tuple[Acts, list[dict[str, Any]]]:
    """An act that accepts a proposal, and the rows of what was measured before it.

    Two ideas make a new theme, the last theme goes into the third, an ambiguous idea becomes an outlier.
    """
    acts = Acts(CANTEEN, *canteen_as_found())
    measured_before = [
        {"proposal_id": ACCEPTED, "theme": row["theme_id"]}
        | {name: row[name] for name in PROPOSED if name != "theme"}
        for row in canteen_as_found()[1]
    ]  # fmt: skip
    acts.themes[BORN] = {
        "id": BORN, "campaign_id": CANTEEN, "found_name": "", "given_name": None, "phrases": [], "exemplars": [],
        "cohesion": 0.0, "x": 0.5, "y": 0.5, "created_at": at(901), "retired_at": at(901), "family": 0, "parts": [],
        "languages": [], "apart": None, "doubts": [], "touched": False, "measured": True,
    }  # fmt: skip
    in_born = {"theme_id": BORN, "strength": 0.9375, "nearest": [{"theme": BORN, "strength": 0.9375}], "shared": []}
    into_third = {"theme_id": 13, "strength": 0.6875, "nearest": [{"theme": 13, "strength": 0.6875}], "shared": []}
    acts.add(
        "accept",
        {"themes": [BORN, 13, 14], "ideas": 6, "born": ["Des goûters"], "gone": [CANTEEN_NEEDS[3]], "changes": 2,
         "offered": 2},
        themes={
            11: {"cohesion": 0.25}, 12: {"found_name": "Midi au calme"}, 13: {"doubts": ["loose"]},
            14: {"retired_at": at(901), "apart": None, "parts": []},
            BORN: {"found_name": "Des goûters", "phrases": ["goûters"], "exemplars": [44, 48], "cohesion": 0.4,
                   "x": 0.7, "y": 0.7, "languages": [["fr", 1.0]], "retired_at": None, "doubts": ["small"],
                   "apart": {"theme": 11, "likeness": 0.2, "here": ["goûters"], "there": ["légumes"]}},
        },
        ideas=dict.fromkeys((44, 48), in_born)
        | dict.fromkeys(range(53, 57), into_third)
        | {57: {"leftover": "alone", "strength": 0.125}},
        run=CANTEEN_ACCEPTED,
        state="of the place",
    )  # fmt: skip
    return acts, measured_before


# Proposals ------------------------------------------------------------------------------------------------------------

PROPOSED = ("idea_id", "theme", "leftover", "strength", "nearest", "x", "y", "leaf", "neighbours", "shared")


def proposed_theme(number: int, row: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A theme of a proposal, as it was kept: a new one has a negative number."""
    kept = {name: row[name] for name in FOUND if name != "found_name"}
    return {"id": number, "name": row["found_name"]} | deepcopy(kept) | values


def school_proposal(acts: Acts) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What the run that waits would change: a new theme of two ideas, three moves, a name, a warning.

    Idea 34 comes into a theme, 32 becomes an outlier, 35 becomes ambiguous. Idea 9 was placed by a person, so the run
    proposes in vain to move it.
    """
    active = {theme: row for theme, row in acts.themes.items() if row["retired_at"] is None}
    themes = [
        *(proposed_theme(theme, row) for theme, row in active.items() if theme != 2),
        proposed_theme(2, active[2], name="Un jardin potager", doubts=["small", "loose"]),
        proposed_theme(-1, active[1], name="Des arbres fruitiers", phrases=["fruitiers"], apart=None, doubts=["small"]),
    ]
    moves = {3: -1, 4: -1, 8: 7, 34: 2, 32: None, 9: 6}
    leftovers = {32: "alone", 34: None, 35: "between"}
    placements = []
    for idea, row in acts.placements.items():
        if idea == WITHDRAWN:
            continue
        theme = moves.get(idea, row["theme_id"])
        near = [{"theme": theme, "strength": 0.5625}, {"theme": -1, "strength": 0.5}] if theme else row["nearest"]
        values = {"theme": theme, "leftover": leftovers.get(idea, row["leftover"]), "strength": 0.5625, "nearest": near}
        placements.append({"proposal_id": WAITING} | {name: ({**row, **values})[name] for name in PROPOSED})
    return themes, deepcopy(placements)


# Rows -----------------------------------------------------------------------------------------------------------------


def theme_rows() -> dict[str, list[dict[str, Any]]]:
    """The rows of all tables of themes, by table, those that others point to first."""
    school, (canteen, measured_before) = school_acts(), canteen_acts()
    proposed_themes, proposed_placements = school_proposal(school)
    of_school = {"campaign_id": SCHOOL, "closed_at": None, "closed_by_id": None, "themes": proposed_themes}
    accepted = [proposed_theme(number, canteen.themes[theme]) for number, theme in ((11, 11), (12, 12), (-1, BORN))]
    return {
        "theme_run": [
            run(SCHOOL_RUN, SCHOOL, 600, applied=True),
            run(SCHOOL_DECLINED, SCHOOL, 620, applied=False),
            run(SCHOOL_OVERTAKEN, SCHOOL, 640, applied=False),
            run(SCHOOL_OPEN, SCHOOL, 1100, applied=False),
            run(CANTEEN_RUN, CANTEEN, 610, applied=True),
            run(CANTEEN_ACCEPTED, CANTEEN, 900, applied=True, granularity=1),
        ],
        "theme": [*school.themes.values(), *canteen.themes.values()],
        "placement": [*school.placements.values(), *canteen.placements.values()],
        "forbidden": [
            {"idea_id": idea, "theme_id": theme, "campaign_id": SCHOOL, "person_id": person,
             "created_at": datetime.fromisoformat(instant)}
            for (idea, theme), (person, instant) in school.forbidden.items()
        ],
        "theme_edit": [*school.rows, *canteen.rows],
        "proposal": [
            of_school | {"id": DECLINED, "run_id": SCHOOL_DECLINED, "created_at": at(621), "status": "declined",
                         "closed_at": at(630), "closed_by_id": FACILITATOR},
            of_school | {"id": OVERTAKEN, "run_id": SCHOOL_OVERTAKEN, "created_at": at(641), "status": "overtaken",
                         "closed_at": at(1101)},
            of_school | {"id": WAITING, "run_id": SCHOOL_OPEN, "created_at": at(1101), "status": "open"},
            {"id": ACCEPTED, "campaign_id": CANTEEN, "run_id": CANTEEN_ACCEPTED, "created_at": at(901),
             "status": "accepted", "closed_at": at(902), "closed_by_id": OWNER, "themes": accepted},
        ],
        "proposed_placement": [*proposed_placements, *measured_before],
    }  # fmt: skip
