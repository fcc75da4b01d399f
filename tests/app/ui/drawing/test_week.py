"""The weekly visit grid keeps to a true scale and loses no visit."""

from hypothesis import given
from hypothesis import strategies as st

from app.ui.drawing import visit_grid
from app.ui.drawing.week import DrawnVisit, lanes_for

plans = st.lists(
    st.builds(
        DrawnVisit,
        weekday=st.integers(0, 6),
        window_start=st.integers(0, 1439),
        window_end=st.integers(1, 1439),
        minutes=st.integers(15, 600),
        carers=st.sampled_from([1, 2]),
        time_critical=st.booleans(),
    ),
    max_size=20,
)


def test_a_visit_twice_as_long_is_drawn_twice_as_high():
    grid = visit_grid([DrawnVisit(0, 480, 600, 30), DrawnVisit(1, 480, 600, 60)])
    short, long = grid.days[0].blocks[0], grid.days[1].blocks[0]
    assert long.height == 2 * short.height
    assert long.top == short.top


def test_two_carers_are_two_bars_side_by_side():
    block = visit_grid([DrawnVisit(2, 480, 600, 45, carers=2)]).days[2].blocks[0]
    first, second = block.bars
    assert first.left + first.width < second.left
    assert first.width == second.width


def test_a_window_over_midnight_goes_on_in_the_next_day_and_sundays_on_monday():
    grid = visit_grid([DrawnVisit(6, 22 * 60, 7 * 60, 540)])
    evening, morning = grid.days[6].blocks[0], grid.days[0].blocks[0]
    assert grid.hours[0].text == "00:00"
    assert round(evening.height / morning.height, 2) == round(120 / 420, 2)
    assert "continued from Sunday" in morning.sentence


def test_overlapping_visits_stand_side_by_side():
    early, late = visit_grid([DrawnVisit(0, 480, 600, 60), DrawnVisit(0, 540, 660, 60)]).days[0].blocks
    assert early.left + early.width <= late.left


def test_what_a_change_left_alone_is_no_ghost():
    kept, moved = DrawnVisit(0, 480, 600, 45), DrawnVisit(1, 480, 600, 45)
    grid = visit_grid([kept, DrawnVisit(1, 720, 780, 45)], ghosts=[kept, moved])
    assert [block.ghost for block in grid.days[0].blocks] == [False]
    assert sorted(block.ghost for block in grid.days[1].blocks) == [False, True]
    assert "2 visits" in grid.total


def test_time_critical_is_said_in_words_too():
    grid = visit_grid([DrawnVisit(0, 480, 600, 45, time_critical=True)])
    assert "time-critical" in grid.days[0].sentence
    assert grid.rows[0].time_critical
    assert any(text.text == "time-critical" for text in grid.days[0].blocks[0].texts)


def test_equal_visits_of_several_days_are_one_row_of_the_list():
    grid = visit_grid(
        [DrawnVisit(day, 480, 600, 45) for day in range(5)] + [DrawnVisit(day, 720, 780, 30) for day in (0, 2, 4)]
    )
    assert [row.days for row in grid.rows] == ["Monday to Friday", "Monday, Wednesday and Friday"]


def test_a_week_without_visits_still_has_seven_days():
    grid = visit_grid([])
    assert grid.days[0].sentence == "Monday: no visits"
    assert len(grid.days) == 7


@given(plans)
def test_nothing_is_drawn_outside_its_column_or_below_the_grid(plan):
    grid = visit_grid(plan)
    for block in (block for day in grid.days for block in day.blocks):
        spans = [(block.left, block.width, 100), (block.top, block.height, grid.height)]
        spans.append((block.window_top, block.window_height, grid.height))
        assert all(start >= 0 and start + length <= end for start, length, end in spans)


@given(plans)
def test_every_visit_is_drawn_once_or_cut_in_two_at_midnight(plan):
    blocks = [block for day in visit_grid(plan).days for block in day.blocks]
    firsts = [block for block in blocks if "continued from" not in block.sentence]
    assert len(firsts) == len(plan)


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 200)).map(lambda pair: (pair[0], sum(pair)))))
def test_no_two_spans_share_a_lane_while_they_overlap(spans):
    placed = list(zip(spans, lanes_for(spans), strict=True))
    for index, ((start, end), (lane, lanes)) in enumerate(placed):
        assert lane < lanes
        for (other_start, other_end), (other_lane, _) in placed[index + 1 :]:
            assert lane != other_lane or end <= other_start or other_end <= start


def test_tasks_stand_in_the_list_and_part_rows_that_are_otherwise_alike():
    grid = visit_grid(
        [DrawnVisit(0, 480, 600, 45, tasks="Wash"), DrawnVisit(1, 480, 600, 45), DrawnVisit(2, 480, 600, 45)]
    )
    assert grid.has_tasks
    assert [(row.days, row.tasks) for row in grid.rows] == [("Tuesday and Wednesday", ""), ("Monday", "Wash")]
    assert not visit_grid([DrawnVisit(0, 480, 600, 45)]).has_tasks


def test_a_week_of_several_plans_says_of_every_visit_to_which_it_belongs():
    grid = visit_grid([DrawnVisit(0, 480, 720, 45, mark="PKG-1"), DrawnVisit(1, 480, 720, 45, mark="PKG-2")])
    assert grid.has_marks
    assert [row.mark for row in grid.rows] == ["PKG-1", "PKG-2"]
    (block,) = grid.days[1].blocks
    assert block.sentence.startswith("PKG-2: ")
    assert "PKG-2" in [text.text for text in block.texts]
