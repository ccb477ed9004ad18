"""Published formulas of quality of experience, as they were published.

Where a formula's constants hold for one codec, page or player only, they are arguments.
"""

from graph.experience.maths import NUMPY, Maths, Operand

DEFAULT_R = 93.2  # of G.107's defaults, without delay and loss
_SATISFIED_R = 100


def e_model_mos(r: Operand, maths: Maths = NUMPY) -> Operand:
    """Return the mean opinion of a connection with transmission rating R.

    ``MOS = 1 + 0.035 R + R (R - 60)(100 - R) 7e-6`` for R in [0, 100], never below 1: near 0 the
    polynomial dips there.

    Examples
    --------
    >>> round(float(e_model_mos(93.2)), 6)
    4.409286

    References
    ----------
    .. [1] ITU-T G.107, The E-model: a computational model for use in transmission planning,
       Annex B.
    """
    bound = maths.clip(r, 0, _SATISFIED_R)
    mos = 1 + 0.035 * bound + bound * (bound - 60) * (100 - bound) * 7e-6
    return maths.clip(mos, 1, 4.5)


def equipment_impairment(
    loss_ratio: Operand, ie: float, bpl: float, burst_ratio: float = 1
) -> Operand:
    """Return Ie,eff, what codec and packet loss take off R.

    ``Ie,eff = Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl)`` with Ppl in percent.

    Parameters
    ----------
    loss_ratio
        Share of packets lost, in [0, 1].
    ie, bpl
        The codec's impairment and robustness, of G.113.
    burst_ratio
        1: losses are random; greater: they come together.

    Examples
    --------
    >>> equipment_impairment(0.02, ie=11, bpl=19)
    19.0

    References
    ----------
    .. [1] ITU-T G.107, equation 7-29.
    """
    loss_percent = 100 * loss_ratio
    return ie + (95 - ie) * loss_percent / (loss_percent / burst_ratio + bpl)


def delay_impairment(delay_ms: Operand, maths: Maths = NUMPY) -> Operand:
    """Return Id, what one-way delay from mouth to ear takes off R.

    ``Id = 0.024 d + 0.11 (d - 177.3) H(d - 177.3)``, a simplification of the E-model's.

    References
    ----------
    .. [1] Cole, R. G., Rosenbluth, J. H. Voice over IP performance monitoring. Computer
       Communication Review 31(2), 2001.
    """
    return 0.024 * delay_ms + 0.11 * maths.clip(delay_ms - 177.3, 0, None)


def transmission_rating(
    delay_ms: Operand, loss_ratio: Operand, ie: float, bpl: float, maths: Maths = NUMPY
) -> Operand:
    """Return R of a connection with a delay, a loss and a codec; it may be negative."""
    impairments = delay_impairment(delay_ms, maths) + equipment_impairment(loss_ratio, ie, bpl)
    return DEFAULT_R - impairments


def web_mos(shown_s: Operand, least_s: float, most_s: float, maths: Maths = NUMPY) -> Operand:
    """Return the mean opinion of a page that took so long to be shown.

    ``MOS = 4 / ln(Min / Max) (ln T - ln Min) + 5``, in [1, 5].

    Parameters
    ----------
    least_s, most_s
        Times that are as good, and as bad, as can be; they depend on what people expect.

    Examples
    --------
    >>> round(float(web_mos(2, 0.67, 6)), 3)
    3.005

    References
    ----------
    .. [1] ITU-T G.1030 (02/2014), Estimating end-to-end performance in IP networks for data
       applications, equation II-2.
    """
    bound = maths.clip(shown_s, least_s, most_s)
    span = float(NUMPY.log(least_s / most_s))
    return 4 / span * (maths.log(bound) - float(NUMPY.log(least_s))) + 5


def stalling_load(stalled_s: Operand, stalls: Operand) -> Operand:
    """Return the exponent of the stalling formula: ``(0.15 L + 0.19) N``, as ``0.15 L N + 0.19 N``.

    Parameters
    ----------
    stalled_s
        How long the video stood still in all, L N.
    stalls
        How many times, N.
    """
    return 0.15 * stalled_s + 0.19 * stalls


def stalling_mos(mean_stall_s: Operand, stalls: Operand, maths: Maths = NUMPY) -> Operand:
    """Return the mean opinion of a video that stood still N times, for L seconds on average.

    ``MOS = 3.5 exp(-(0.15 L + 0.19) N) + 1.5``, found with videos of 30 and 60 seconds.

    Examples
    --------
    >>> round(float(stalling_mos(3, 2)), 3)
    2.473

    References
    ----------
    .. [1] Hossfeld, T., Schatz, R., Biersack, E., Plissonneau, L. Internet video delivery in
       YouTube: from traffic measurements to quality of experience. LNCS 7754, 2013.
    """
    return 3.5 * maths.exp(-stalling_load(mean_stall_s * stalls, stalls)) + 1.5


def iqx(x: Operand, alpha: float, beta: float, gamma: float, maths: Maths = NUMPY) -> Operand:
    """Return the quality under a disturbance, by the IQX hypothesis.

    ``QoE = alpha exp(-beta QoS) + gamma``: quality falls the faster the better it was.

    References
    ----------
    .. [1] Fiedler, M., Hossfeld, T., Tran-Gia, P. A generic quantitative relationship between
       quality of experience and quality of service. IEEE Network 24(2), 36-41, 2010.
    """
    return alpha * maths.exp(-beta * x) + gamma
