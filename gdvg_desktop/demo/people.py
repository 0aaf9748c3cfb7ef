"""The invented people of the catalogue: cast, crew and creators. A person is a number; name, native name,
gender and portrait follow from it, so nothing is stored and the same number is the same person in every title."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

# "Latin=native" where the script differs. Given names alternate female, male.
_NAMES: dict[str, tuple[str, str]] = {
    "en": (
        "Ashdown Bellweather Calloway Dunmore Everhart Fairbourne Greystone Hollis Ivers Kingsleigh "
        "Lockwood Merriweather Northam Pell",
        "Ada Arlo Beatrix Bram Clementine Dorian Edith Felix Harriet Jasper Maud Oscar Tilda Wesley",
    ),
    "ko": (
        "Ahn=안 Bae=배 Cha=차 Do=도 Eom=엄 Gil=길 Heo=허 Jin=진 Kang=강 Min=민 Noh=노 Oh=오 Seol=설 Yoo=유",
        "A-ra=아라 Byeol-ha=별하 Bo-mi=보미 Do-gyeom=도겸 Ga-on=가온 Han-gyeol=한결 Na-rae=나래 Ji-un=지운 "
        "Seul-ah=슬아 Ro-un=로운 So-dam=소담 Si-on=시온 Yeo-reum=여름 U-jin=우진",
    ),
    "ja": (
        "Aozora=青空 Asagiri=朝霧 Fujinami=藤波 Hoshikawa=星川 Kazami=風見 Kuroiwa=黒岩 Mizuhara=水原 "
        "Nishimori=西森 Otowa=音羽 Sakuraba=桜庭 Shirakawa=白川 Tachibana=橘 Tsukishima=月島 Yukimura=雪村",
        "Akari=灯 Daigo=大悟 Chiyo=千代 Haruto=陽翔 Fumi=文 Kaito=海斗 Hinata=日向 Ren=蓮 Koharu=小春 "
        "Sora=空 Mio=澪 Takumi=匠 Yui=結衣 Yamato=大和",
    ),
    "zh": (
        "Bai=白 Cao=曹 Deng=邓 Feng=冯 Gu=顾 Han=韩 Jiang=江 Lin=林 Mu=穆 Ouyang=欧阳 Qin=秦 Shen=沈 Xia=夏 Ye=叶",
        "Anran=安然 Bohan=博涵 Chenxi=晨曦 Haoyu=浩宇 Jingyi=静怡 Junkai=君凯 Meilin=美琳 Muyang=沐阳 "
        "Ruoxi=若曦 Tianyi=天逸 Xinyue=心月 Yichen=亦辰 Zihan=子涵 Ziming=子明",
    ),
    "ar": (
        "Al-Amin=الأمين Al-Basri=البصري Bahri=بحري Darwish=درويش Fares=فارس Al-Ghazal=الغزال Haddad=حداد "
        "Jaber=جابر Khatib=خطيب Mansour=منصور Nasser=ناصر Al-Qamari=القمري Sabbagh=صباغ Zaydan=زيدان",
        "Amal=أمل Anwar=أنور Dalia=داليا Bassem=باسم Hanan=حنان Fadi=فادي Layla=ليلى Karim=كريم Mona=منى "
        "Nabil=نبيل Rim=ريم Sami=سامي Yara=يارا Tarek=طارق",
    ),
    "ru": (
        "Belov=Белов Voronin=Воронин Gromov=Громов Dolin=Долин Zimin=Зимин Klyuchev=Ключев Lugovoy=Луговой "
        "Morozov=Морозов Nevsky=Невский Ozerov=Озеров Polyansky=Полянский Severin=Северин Tumanov=Туманов "
        "Yasny=Ясный",
        "Alisa=Алиса Anton=Антон Varvara=Варвара Boris=Борис Darya=Дарья Gleb=Глеб Irina=Ирина Ilya=Илья "
        "Lidiya=Лидия Matvey=Матвей Nina=Нина Roman=Роман Sofya=Софья Timur=Тимур",
    ),
    "th": (
        "Arunrak=อรุณรักษ์ Boonmee=บุญมี Chaidee=ชัยดี Duangjai=ดวงใจ Jaiyen=ใจเย็น Kaewta=แก้วตา "
        "Maneerat=มณีรัตน์ Nimnual=นิ่มนวล Phromma=พรหมมา Rungrot=รุ่งโรจน์ Saelim=แซ่ลิ้ม Thongdee=ทองดี "
        "Wongsa=วงษา Yindee=ยินดี",
        "Anong=อนงค์ Arthit=อาทิตย์ Busaba=บุษบา Chai=ชัย Dao=ดาว Kiet=เกียรติ Fah=ฟ้า Niran=นิรันดร์ "
        "Mali=มะลิ Phichai=พิชัย Ploy=พลอย Somsak=สมศักดิ์ Ratana=รัตนา Wit=วิทย์",
    ),
    "hi": (
        "Agnihotri=अग्निहोत्री Bhandari=भंडारी Chaudhary=चौधरी Deshpande=देशपांडे Joshi=जोशी "
        "Kulkarni=कुलकर्णी Malhotra=मल्होत्रा Nair=नायर Purohit=पुरोहित Rathore=राठौर Saxena=सक्सेना "
        "Trivedi=त्रिवेदी Vaidya=वैद्य Yadav=यादव",
        "Aarti=आरती Aditya=आदित्य Charu=चारु Bharat=भरत Devika=देविका Gautam=गौतम Ila=इला Ishaan=ईशान "
        "Kavya=काव्या Manav=मानव Nisha=निशा Rohan=रोहन Tara=तारा Vivek=विवेक",
    ),
    "fr": (
        "Aubertin Beaufour Chantelune Delorme Escoffrey Fontanel Giraudel Hautecombe Jolivert Lavergne "
        "Montclair Pérille Rochebrune Vauclair",
        "Adèle Anselme Blanche Bastien Céleste Côme Élodie Étienne Inès Gaspard Margaux Loïc Odile Théo",
    ),
    "es": (
        "Alcántara Benavides Cifuentes Delmar Espinosa Figueroa Garrido Huerta Ibáñez Lozano Montoya "
        "Peñalver Quintana Villalobos",
        "Alba Adrián Carmen Bruno Elena Dámaso Inés Hugo Lucía Íñigo Marisol Nicolás Sofía Rubén",
    ),
    "de": (
        "Albrechtsen Birkenfeld Dornbusch Eichwald Falkenrath Grünwald Hohenfels Kranz Lindenau Mühlbach "
        "Nordmann Rabenstein Sonnleitner Winterfeld",
        "Anneliese Anton Clara Bruno Frieda Emil Greta Jonas Ida Konrad Lotte Moritz Wilma Till",
    ),
    "pt": (
        "Almada Barreto Cardoso Duarte Esteves Fontoura Guimarães Lacerda Magalhães Nogueira Pacheco "
        "Queiroz Salgado Vilhena",
        "Aurora Afonso Beatriz Caetano Cecília Davi Flávia Heitor Joana João Luísa Otávio Teresa Rui",
    ),
    "it": (
        "Alberici Bellandi Castelnuovo Donati Falconieri Gherardi Lanzafame Montefiore Olivieri Palmisano "
        "Ricciardi Santoro Tagliaferro Vitale",
        "Alba Achille Bianca Bruno Chiara Dario Elisa Enzo Ginevra Luca Marta Nico Silvia Ugo",
    ),
    "tr": (
        "Aydemir Bozkurt Çınar Demirtaş Erdem Gökçe Ilgaz Karaca Mutlu Özdemir Polat Şimşek Tunçel Yıldırım",
        "Aslı Alp Bahar Can Defne Emre Elif Kaan İpek Murat Nehir Onur Zeynep Yiğit",
    ),
    "pl": (
        "Białek Borowy Czarnecki Dąbek Gajda Jasny Kalinowski Leśny Łoziński Mazurek Ostrowski Sokół Wierzba Zając",
        "Agata Adam Bożena Błażej Danuta Igor Halina Jacek Jagoda Kazimierz Łucja Michał Zofia Wiktor",
    ),
    "sv": (
        "Almqvist Bergström Dahlgren Ekholm Forsberg Granlund Hedström Lindahl Norrby Rosenkvist Sandell "
        "Sjögren Vinterö Åkerlund",
        "Agnes Axel Ebba Björn Greta Elias Ingrid Gustav Linnéa Hjalmar Maja Nils Saga Östen",
    ),
}

_FAMILY_FIRST = frozenset({"ko", "ja", "zh"})
PEOPLE_PER_TONGUE = 14 * 14
_LANGUAGES = tuple(_NAMES)
FIRST_PERSON_ID = 500_000
"""Person ids run in blocks of a hundred thousand, one block a language."""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person; `gender` as TMDb counts (0 unset, 1 female, 2 male)."""

    id: int
    name: str
    original_name: str
    gender: int
    profile_path: str | None
    department: str


def _split(word: str) -> tuple[str, str]:
    latin, _, native = word.partition("=")
    return latin, native or latin


@cache
def _names(language: str) -> tuple[tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    families, givens = _NAMES[language]
    return tuple(map(_split, families.split())), tuple(map(_split, givens.split()))


def person(language: str, index: int) -> Person:
    """Person number `index` (taken modulo 196) among those of one language; unknown languages borrow English
    names."""
    return _person(language if language in _NAMES else "en", index % PEOPLE_PER_TONGUE)


@cache
def _person(language: str, index: int) -> Person:
    families, givens = _names(language)
    family, given = families[index // 14], givens[index % 14]
    if language in _FAMILY_FIRST:
        gap = " " if language == "ja" else ""
        name, original = f"{family[0]} {given[0]}", f"{family[1]}{gap}{given[1]}"
    else:
        name, original = f"{given[0]} {family[0]}", f"{given[1]} {family[1]}"
    number = FIRST_PERSON_ID + _LANGUAGES.index(language) * 100_000 + index * 37
    return Person(
        id=number,
        name=name,
        original_name=original,
        gender=0 if index % 17 == 0 else 1 + index % 2,
        profile_path=None if index % 4 == 3 else f"/f{number:08x}.png",
        department="Acting" if index % 14 < 10 else ("Directing", "Writing", "Production", "Sound")[index % 4],
    )


def everyone() -> list[Person]:
    """All people of the catalogue, for the person export."""
    return [person(language, index) for language in _LANGUAGES for index in range(PEOPLE_PER_TONGUE)]
