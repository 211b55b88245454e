"""The pace of work that may take longer: it leaves busy processors to others, and takes those that are free."""

from pathlib import Path

import pytest

from gateway.prediction.pace import (
    BUSY_SHARE,
    FREE_SLICE_SECONDS,
    LOOK_SECONDS,
    SLICE_SECONDS,
    Pace,
    ProcessorTimes,
    idle_share,
    read_processor_times,
    rest_after,
    share_beside,
    slice_at,
)

PROCESSORS = 2


class Machine:
    """A machine on which work and rests take exactly as long as they are told to."""

    def __init__(self, *, others: float = 0.0, is_told: bool = True) -> None:
        self.now = 0.0
        self.worked = 0.0
        #: The share of all processors that others keep busy.
        self.others = others
        self.is_told = is_told
        self.idle = 0.0
        self.rests: list[float] = []
        self.pace = Pace(self.times, PROCESSORS, lambda: self.worked, self.sleep)

    def times(self) -> ProcessorTimes | None:
        return ProcessorTimes(self.idle, self.now * PROCESSORS) if self.is_told else None

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += seconds
        self.idle += seconds * PROCESSORS * (1 - self.others)

    def work(self, seconds: float, block: float) -> None:
        """Work so long in all, in blocks."""
        for _ in range(round(seconds / block)):
            self.now += block
            self.worked += block
            self.pace.rest()


@pytest.mark.parametrize(
    ("idle", "processors", "share"),
    [
        pytest.param(0.0, 2, BUSY_SHARE, id="all busy"),
        pytest.param(0.3, 2, BUSY_SHARE, id="busy with waiting for one another"),
        pytest.param(0.7, 2, (1 + BUSY_SHARE) / 2, id="half of what may be free is"),
        pytest.param(0.95, 2, 1.0, id="nearly all idle"),
        pytest.param(1.0, 2, 1.0, id="all idle"),
        pytest.param(0.5, 8, 1.0, id="enough of many idle"),
        pytest.param(0.125, 8, BUSY_SHARE, id="one of many idle"),
        pytest.param(1.0, 1, 1.0, id="a single one, idle"),
        pytest.param(0.0, 1, BUSY_SHARE, id="a single one, busy"),
    ],
)
def test_what_is_idle_is_worked_in(idle: float, processors: int, share: float) -> None:
    assert share_beside(idle, processors) == pytest.approx(share)


@pytest.mark.parametrize("share", [BUSY_SHARE, 0.5, 0.8])
def test_the_share_is_of_the_whole_time(share: float) -> None:
    worked = 0.6
    assert worked / (worked + rest_after(worked, share)) == pytest.approx(share)


def test_a_rest_is_long_enough_to_look() -> None:
    assert rest_after(0.001, 1.0) == rest_after(10.0, 1.0) == LOOK_SECONDS


def test_only_beside_nobody_slices_are_long() -> None:
    assert [slice_at(share) for share in (BUSY_SHARE, 0.5, 1.0)] == [SLICE_SECONDS, SLICE_SECONDS, FREE_SLICE_SECONDS]


@pytest.mark.parametrize(
    ("idle", "total", "share"),
    [
        pytest.param(15, 120, 0.25, id="a quarter"),
        pytest.param(10, 100, None, id="no time has passed"),
        pytest.param(9, 110, 0.0, id="counted backwards, as proc_stat(5) warns"),
        pytest.param(40, 110, 1.0, id="counted too much"),
    ],
)
def test_the_idle_share_is_that_of_the_time_between(idle: float, total: float, share: float | None) -> None:
    assert idle_share(ProcessorTimes(10, 100), ProcessorTimes(idle, total)) == share


def test_on_an_idle_machine_hardly_any_time_is_lost() -> None:
    machine = Machine()
    machine.work(10.0, 0.02)
    assert sum(machine.rests) < 0.12 * 10.0


def test_on_a_busy_machine_most_of_the_time_is_left_to_others() -> None:
    machine = Machine(others=1.0)
    machine.work(10.0, 0.02)
    assert 10.0 / machine.now == pytest.approx(BUSY_SHARE, abs=0.02)


def test_it_slows_down_and_speeds_up_with_what_others_do() -> None:
    machine = Machine()
    machine.work(2.0, 0.02)
    machine.others = 1.0
    machine.work(2.0, 0.02)
    assert machine.rests[-1] > LOOK_SECONDS
    machine.others = 0.0
    machine.work(2.0, 0.02)
    assert machine.rests[-1] == LOOK_SECONDS


def test_where_nothing_is_told_it_never_rests() -> None:
    machine = Machine(others=1.0, is_told=False)
    machine.work(10.0, 0.02)
    assert machine.rests == []


def test_linux_tells_of_all_processors_in_its_first_line(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu  10 2 30 400 50 6 7 8 90 1\ncpu0 1 1 1 1 1 1 1 1 1 1\n")
    assert read_processor_times(stat) == ProcessorTimes(450, 513)


@pytest.mark.parametrize("told", [None, "", "cpu\n", "cpu  a b c d\n"], ids=["no file", "empty", "no columns", "words"])
def test_other_systems_tell_nothing(told: str | None, tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    if told is not None:
        stat.write_text(told)
    assert read_processor_times(stat) is None
