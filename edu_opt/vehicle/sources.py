"""Where the vehicles' numbers come from: one key a source, and a figure that carries its key."""

from __future__ import annotations

import dataclasses

SOURCES: dict[str, str] = {
    "EPA22": "US EPA MY2022 test-car list (public domain): target coefficients, equivalent test weight, N/V, MPGe",
    "NRCAN": "NRCan fuel-consumption ratings, battery-electric vehicles 2012-2024",
    "BMWMO": "bmw.com.mo, i3 technical data (2016)",
    "EMOBPY": "emobpy 0.6.2, evspecs.json (MIT); contains errors, cross-checked where used",
    "TUMLDS": "TUMFTM Modular-Quasi-Static-Longitudinal-Simulation-for-BEV, input parameters of i3 and I-PACE",
    "AUTOGUIDE_I3": "autoguide.com, 2013-07, BMW i3 official specs",
    "INSIDEEVS_IX3": "insideevs.com/news/433310 (BMW iX3 reveal, 2020)",
    "TRENDING_IX3": "trendingmotors.com, 2021 BMW iX3 revealed",
    "MYEV_IX3": "myevreview.com, BMW iX3 first drive",
    "VISAO_IX3": "visao.pt, 2020-07-14, BMW iX3",
    "BMWBLOG_IX": "bmwblog.com, 2021-09-16, workshop BMW iX",
    "SENTRY_IX": "philippinessentry.blogspot.com, 2021-03, BMW iX",
    "WEBCARTOP_IX": "webcartop.jp, 2021-11",
    "EVBRIEF_I4": "evbrief.com, BMW i4 M50 and i4 eDrive40",
    "EVAUTO_I4": "evautoexplorer.com, BMW i4 eDrive40",
    "INDIATODAY_I4": "indiatoday.in, 2021-06-02, BMW i4 eDrive40",
    "GAMEING_I4": "gameingnow.com, first drive of the BMW i4 M50 prototype",
    "BMWIE_I4": "bmw.ie, i4 technical data",
    "ATR_IPACE": "autotechreview.com, Propulsion system of the new Jaguar I-PACE",
    "TTAC_IPACE": "thetruthaboutcars.com, 2018-06, single motor electric vehicles",
    "ENGOTY_IPACE": "International Engine of the Year 2018, I-PACE",
    "CARGLANCER_IPACE": "carglancer.com, how the Jaguar I-PACE copes with water",
    "BRAMAN_MINI": "blog.bramanmini.com, Mini Cooper SE",
    "CARSRADARS_MINI": "carsradars.com, Mini Cooper SE debut",
    "WAPCAR_MINI": "wapcar.my, Mini SE",
    "ZAP_X5": "zap-map.com, new BMW X5 PHEV revealed",
    "AXD_X5": "automotivexd.com, BMW X5 xDrive45e",
    "BMWBLOG_X5": "bmwblog.com, 2020-05-24, BMW X5 xDrive45e",
    "INSIDEEVS_X5": "insideevs.com, 2020 BMW X5 xDrive45e",
    "OCTANE_RR": "Octane, February 2018, Range Rover P400e",
    "GOODWOOD_RRS": "goodwood.com, October 2017, Range Rover Sport P400e",
    "HOBART_RR": "The Mercury (Hobart), 30 March 2018, Range Rover P400e",
    "KENT_DEF": "kentonline.co.uk, Land Rover Defender P400e",
    "HT_DEF": "auto.hindustantimes.com, Land Rover Defender P400e",
    "GTSPIRIT_DEF": "gtspirit.com, 2019-09-10, IAA Frankfurt, Land Rover Defender",
    "PAULTAN_EVOQUE": "paultan.org, 2020-04-22, Discovery Sport and Range Rover Evoque P300e",
    "CARWALE_EVOQUE": "carwale.com, Evoque and Discovery Sport plug-in hybrids",
    "MEDIA_EVOQUE": "medialandrover.com, 2020-04-21, Discovery Sport and Range Rover Evoque plug-in hybrids",
    "AUTOPUB_RREV": "int.auto.pub, Range Rover EV combines luxury with electric power",
    "DT_RREV": "digitaltrends, Range Rover Electric first look",
    "ACNZ_RREV": "autocar.co.nz, The heat goes on: Range Rover Electric",
    "ID3_DRAG": "loss of a two-stage reducer at 20 N m: 106 W at 310, 283 W at 760, 590 W at 1510 wheel rpm "
    "(WTplus/TUM, VW ID.3 gear set)",
    "CALC": "computed from the cited figures",
    "ASSUMED": "assumed by this project; no source found",
    "USER": "given by the user",
}


@dataclasses.dataclass(frozen=True)
class Fact:
    """A published figure: value in the unit of its key's suffix, source key, note."""

    value: float
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise KeyError(f"unknown source {self.source!r}")


Facts = dict[str, Fact]
