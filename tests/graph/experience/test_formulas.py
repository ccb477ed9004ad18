import pytest

from graph.experience.formulas import (
    delay_impairment,
    e_model_mos,
    equipment_impairment,
    iqx,
    stalling_load,
    stalling_mos,
    transmission_rating,
    web_mos,
)


@pytest.mark.parametrize(
    ("r", "mos"),
    [(50, 2.575), (60, 3.1), (70, 3.597), (80, 4.024), (90, 4.339), (93.2, 4.409286)],
)
def test_opinion_by_the_e_model(r: float, mos: float) -> None:
    """G.107's polynomial, evaluated by hand; the last is the E-model's default to six decimals."""
    assert float(e_model_mos(r)) == pytest.approx(mos, abs=1e-6)


def test_opinion_stays_on_the_scale_and_never_falls_where_the_polynomial_dips() -> None:
    ratings = [-20, 0, 1, 3, 6, 10, 50, 100, 120]
    opinions = [float(e_model_mos(r)) for r in ratings]
    assert opinions[:4] == [1, 1, 1, 1]
    assert opinions == sorted(opinions)
    assert opinions[-2:] == [4.5, 4.5]


@pytest.mark.parametrize(
    ("loss_ratio", "ie", "bpl", "burst_ratio", "expected"),
    [
        (0.02, 11, 19, 1, 19.0),
        (0.01, 0, 25.1, 1, 3.639847),
        (0.05, 0, 25.1, 1, 15.780731),
        (0.05, 0, 25.1, 2, 17.210145),
        (0, 0, 4.3, 1, 0),
    ],
)
def test_impairment_by_equipment(
    loss_ratio: float, ie: float, bpl: float, burst_ratio: float, expected: float
) -> None:
    """G.729A with VAD at 2 % is 19 exactly; G.711 with concealment by equation 7-29, by hand."""
    found = equipment_impairment(loss_ratio, ie, bpl, burst_ratio)
    assert found == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("delay_ms", "r", "mos"),
    [
        (0, 93.2, 4.409),
        (100, 90.8, 4.358),
        (150, 89.6, 4.329),
        (200, 85.903, 4.226),
        (250, 79.203, 3.994),
        (300, 72.503, 3.712),
        (400, 59.103, 3.053),
    ],
)
def test_rating_and_opinion_by_delay(delay_ms: float, r: float, mos: float) -> None:
    """R = 93.2 - Id of Cole and Rosenbluth, then the polynomial, to three decimals."""
    rating = transmission_rating(delay_ms, 0.0, ie=0, bpl=25.1)
    assert rating == pytest.approx(93.2 - float(delay_impairment(delay_ms)), abs=1e-12)
    assert rating == pytest.approx(r, abs=5e-4)
    assert float(e_model_mos(rating)) == pytest.approx(mos, abs=6e-4)


@pytest.mark.parametrize(
    ("loss_ratio", "mos"), [(0.01, 4.297), (0.03, 4.092), (0.05, 3.874), (0.10, 3.351)]
)
def test_opinion_by_loss(loss_ratio: float, mos: float) -> None:
    """G.711 with concealment at 50 ms, to three decimals."""
    rating = transmission_rating(50, loss_ratio, ie=0, bpl=25.1)
    assert float(e_model_mos(rating)) == pytest.approx(mos, abs=6e-4)


@pytest.mark.parametrize(
    ("mean_stall_s", "stalls", "mos"),
    [(0, 0, 5.0), (1, 1, 3.991), (3, 1, 3.346), (3, 2, 2.473), (1, 3, 2.762), (5, 4, 1.581)],
)
def test_opinion_of_a_video_that_stalls(mean_stall_s: float, stalls: int, mos: float) -> None:
    """3.5 exp(-(0.15 L + 0.19) N) + 1.5, to three decimals."""
    assert float(stalling_mos(mean_stall_s, stalls)) == pytest.approx(mos, abs=5e-4)


def test_load_is_the_exponent_of_the_stalling_formula() -> None:
    """Two stalls of 3 s: (0.15 · 3 + 0.19) · 2 = 1.28."""
    assert stalling_load(6, 2) == pytest.approx(1.28, abs=1e-12)


@pytest.mark.parametrize(("shown_s", "mos"), [(1, 4.269), (2, 3.005), (3, 2.265), (5, 1.333)])
def test_opinion_of_a_page(shown_s: float, mos: float) -> None:
    """G.1030's equation II-2 with 0.67 and 6 s, to three decimals."""
    assert float(web_mos(shown_s, 0.67, 6)) == pytest.approx(mos, abs=1e-3)


def test_a_page_is_never_off_the_scale() -> None:
    assert [float(web_mos(s, 0.67, 6)) for s in (0.1, 0.67, 6, 60)] == pytest.approx([5, 5, 1, 1])


def test_iqx() -> None:
    """2.861 e^(-29.22 p) + 1.122 without loss is the sum, 3.983; at 5 %, 0.6637639 + 1.122."""
    assert float(iqx(0, 2.861, 29.22, 1.122)) == pytest.approx(3.983, abs=1e-9)
    assert float(iqx(0.05, 2.861, 29.22, 1.122)) == pytest.approx(0.6637639 + 1.122, abs=1e-5)
