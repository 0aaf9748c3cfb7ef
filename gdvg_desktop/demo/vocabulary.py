"""The words invented titles and summaries are made of, in sixteen languages. Nouns and modifiers stand in the
same order in every language, so a title can be said in any of them; the sentences around them are in texts.py,
personal names in people.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the demo: its main region, its names and the patterns its titles follow."""

    code: str
    region: str
    english_name: str
    native_name: str
    nouns: tuple[str, ...]
    modifiers: tuple[str, ...]
    pair: str
    modified: str
    overviews: tuple[str, str]


def _tongue(
    code: str,
    region: str,
    english_name: str,
    native_name: str,
    nouns: str,
    modifiers: str,
    pair: str,
    modified: str,
    overviews: tuple[str, str],
) -> Tongue:
    return Tongue(
        code,
        region,
        english_name,
        native_name,
        tuple(nouns.split("|")),
        tuple(modifiers.split("|")),
        pair,
        modified,
        overviews,
    )


_ALL = (
    _tongue(
        "en",
        "US",
        "English",
        "English",
        nouns=(
            "the harbor|the moon|the river|the garden|the letter|the teacher|the island|the bridge|the train|"
            "the shadow|the lighthouse|the mountain|the mirror|the song|the forest|the clock|the sea|the "
            "stranger|the house|the promise|the lantern|the city|the road|the kingdom|the snow|the star|the "
            "door|the family|the secret|the bird"
        ),
        modifiers=(
            "in winter|at night|in the rain|after midnight|before dawn|without end|in silence|in spring|in "
            "summer|in autumn|at noon|far away|in the dark|forever|on Sunday|of yesterday|of tomorrow"
        ),
        pair="{a} and {b}",
        modified="{n} {m}",
        overviews=(
            "{person} comes home after many years and finds {noun} changed. What begins as a visit turns into "
            "the search of a lifetime.",
            "When everything {person} knows is lost in one night, only {noun} remains, and nobody in town will "
            "say why.",
        ),
    ),
    _tongue(
        "ko",
        "KR",
        "Korean",
        "한국어/조선말",
        nouns=(
            "항구|달|강|정원|편지|선생님|섬|다리|기차|그림자|등대|산|거울|노래|숲|시계|바다|이방인|집|약속|"
            "등불|도시|길|왕국|눈|별|문|가족|비밀|새"
        ),
        modifiers=(
            "겨울의|밤의|빗속의|자정 이후의|새벽 전의|끝없는|침묵 속의|봄의|여름의|가을의|정오의|먼 곳의|어둠 "
            "속의|영원한|일요일의|어제의|내일의"
        ),
        pair="{a} 그리고 {b}",
        modified="{m} {n}",
        overviews=(
            "오랜 세월 끝에 고향으로 돌아온 {person}. 기억 속의 {noun}, 그 모든 것이 달라져 있었다.",
            "하룻밤 사이에 모든 것을 잃은 {person}. 남은 것은 단 하나, {noun}뿐이다.",
        ),
    ),
    _tongue(
        "ja",
        "JP",
        "Japanese",
        "日本語",
        nouns=(
            "港|月|川|庭|手紙|先生|島|橋|列車|影|灯台|山|鏡|歌|森|時計|海|異邦人|家|約束|灯り|街|道|王国|雪|星|"
            "扉|家族|秘密|鳥"
        ),
        modifiers=(
            "冬の|夜の|雨の中の|真夜中過ぎの|夜明け前の|終わりなき|沈黙の|春の|夏の|秋の|正午の|遠い|闇の中の|"
            "永遠の|日曜日の|昨日の|明日の"
        ),
        pair="{a}と{b}",
        modified="{m}{n}",
        overviews=(
            "長い年月を経て故郷に帰ってきた{person}。しかし思い出の{noun}はすっかり変わっていた。",
            "一夜にしてすべてを失った{person}。残されたのは{noun}だけだった。",
        ),
    ),
    _tongue(
        "zh",
        "CN",
        "Mandarin",
        "普通话",
        nouns=(
            "港口|月亮|河流|花园|信|老师|岛屿|桥|列车|影子|灯塔|山|镜子|歌|森林|钟|大海|陌生人|房子|约定|灯笼|"
            "城市|路|王国|雪|星|门|家人|秘密|鸟"
        ),
        modifiers=(
            "冬天的|夜晚的|雨中的|午夜后的|黎明前的|无尽的|沉默的|春天的|夏天的|秋天的|正午的|远方的|黑暗中的|"
            "永远的|星期天的|昨天的|明天的"
        ),
        pair="{a}与{b}",
        modified="{m}{n}",
        overviews=(
            "多年以后，{person}回到家乡，却发现记忆中的{noun}早已改变。",
            "一夜之间，{person}失去了一切，只剩下{noun}，而镇上没有人愿意说出真相。",
        ),
    ),
    _tongue(
        "ar",
        "SA",
        "Arabic",
        "العربية",
        nouns=(
            "الميناء|القمر|النهر|الحديقة|الرسالة|المعلم|الجزيرة|الجسر|القطار|الظل|المنارة|الجبل|المرآة|الأغنية|"
            "الغابة|الساعة|البحر|الغريب|البيت|الوعد|الفانوس|المدينة|الطريق|المملكة|الثلج|النجمة|الباب|العائلة|"
            "السر|الطائر"
        ),
        modifiers=(
            "في الشتاء|في الليل|تحت المطر|بعد منتصف الليل|قبل الفجر|بلا نهاية|في صمت|في الربيع|في الصيف|في "
            "الخريف|عند الظهر|من بعيد|في الظلام|إلى الأبد|يوم الأحد|بالأمس|غدا"
        ),
        pair="{a} و{b}",
        modified="{n} {m}",
        overviews=(
            "بعد غياب سنوات طويلة تعود الحكاية إلى {person} وإلى {noun}، لكن لا شيء بقي كما كان.",
            "في ليلة واحدة يضيع كل شيء من {person}، ولا يبقى سوى {noun}.",
        ),
    ),
    _tongue(
        "ru",
        "RU",
        "Russian",
        "Русский",
        nouns=(
            "гавань|луна|река|сад|письмо|учитель|остров|мост|поезд|тень|маяк|гора|зеркало|песня|лес|часы|море|"
            "незнакомец|дом|обещание|фонарь|город|дорога|королевство|снег|звезда|дверь|семья|тайна|птица"
        ),
        modifiers=(
            "зимой|ночью|под дождём|после полуночи|перед рассветом|без конца|в тишине|весной|летом|осенью|в "
            "полдень|вдалеке|в темноте|навсегда|в воскресенье|вчера|завтра"
        ),
        pair="{a} и {b}",
        modified="{n} {m}",
        overviews=(
            "Много лет спустя {person} снова дома. Но {noun} и всё вокруг уже не те, что прежде.",
            "За одну ночь {person} теряет всё. Остаётся только {noun}.",
        ),
    ),
    _tongue(
        "th",
        "TH",
        "Thai",
        "ภาษาไทย",
        nouns=(
            "ท่าเรือ|พระจันทร์|แม่น้ำ|สวน|จดหมาย|ครู|เกาะ|สะพาน|รถไฟ|เงา|ประภาคาร|ภูเขา|กระจก|เพลง|ป่า|นาฬิกา|"
            "ทะเล|คนแปลกหน้า|บ้าน|คำสัญญา|โคมไฟ|เมือง|ถนน|อาณาจักร|หิมะ|ดวงดาว|ประตู|ครอบครัว|ความลับ|นก"
        ),
        modifiers=(
            "ในฤดูหนาว|ยามค่ำคืน|กลางสายฝน|หลังเที่ยงคืน|ก่อนรุ่งสาง|ไม่มีที่สิ้นสุด|ในความเงียบ|ในฤดูใบไม้ผลิ|"
            "ในฤดูร้อน|ในฤดูใบไม้ร่วง|ยามเที่ยง|อันห่างไกล|ในความมืด|ตลอดกาล|ในวันอาทิตย์|เมื่อวานนี้|"
            "ในวันพรุ่งนี้"
        ),
        pair="{a}และ{b}",
        modified="{n}{m}",
        overviews=(
            "{person}กลับบ้านเกิดหลังผ่านไปหลายปี แต่{noun}ในความทรงจำเปลี่ยนไปหมดแล้ว",
            "เพียงคืนเดียว {person}สูญเสียทุกอย่าง เหลือเพียง{noun}เท่านั้น",
        ),
    ),
    _tongue(
        "hi",
        "IN",
        "Hindi",
        "हिन्दी",
        nouns=(
            "बंदरगाह|चाँद|नदी|बगीचा|चिट्ठी|गुरु|द्वीप|पुल|रेलगाड़ी|परछाई|प्रकाशस्तंभ|पहाड़|आईना|गीत|जंगल|घड़ी|"
            "समुद्र|अजनबी|घर|वादा|लालटेन|शहर|रास्ता|राज्य|बर्फ़|तारा|दरवाज़ा|परिवार|राज़|पंछी"
        ),
        modifiers=(
            "सर्दियों में|रात में|बारिश में|आधी रात के बाद|भोर से पहले|बिना अंत|ख़ामोशी में|वसंत में|गर्मियों "
            "में|पतझड़ में|दोपहर में|बहुत दूर|अंधेरे में|हमेशा के लिए|रविवार को|बीते कल में|आने वाले कल में"
        ),
        pair="{a} और {b}",
        modified="{m} {n}",
        overviews=(
            "बरसों बाद {person} की घर वापसी होती है, लेकिन यादों में बसा सब कुछ बदल चुका है: {noun} भी।",
            "एक ही रात में {person} का सब कुछ छिन जाता है। बचता है तो सिर्फ़ {noun}।",
        ),
    ),
    _tongue(
        "fr",
        "FR",
        "French",
        "Français",
        nouns=(
            "le port|la lune|la rivière|le jardin|la lettre|le maître|l'île|le pont|le train|l'ombre|le phare|"
            "la montagne|le miroir|la chanson|la forêt|l'horloge|la mer|l'étranger|la maison|la promesse|la "
            "lanterne|la ville|la route|le royaume|la neige|l'étoile|la porte|la famille|le secret|l'oiseau"
        ),
        modifiers=(
            "en hiver|la nuit|sous la pluie|après minuit|avant l'aube|sans fin|en silence|au printemps|en été|"
            "en automne|à midi|au loin|dans le noir|pour toujours|du dimanche|d'hier|de demain"
        ),
        pair="{a} et {b}",
        modified="{n} {m}",
        overviews=(
            "Après des années d'absence, {person} rentre au pays. Rien n'est plus pareil, pas même {noun}.",
            "En une seule nuit, {person} perd tout. Il ne reste que {noun}, et personne ne veut dire pourquoi.",
        ),
    ),
    _tongue(
        "es",
        "ES",
        "Spanish",
        "Español",
        nouns=(
            "el puerto|la luna|el río|el jardín|la carta|el maestro|la isla|el puente|el tren|la sombra|el "
            "faro|la montaña|el espejo|la canción|el bosque|el reloj|el mar|el extraño|la casa|la promesa|el "
            "farol|la ciudad|el camino|el reino|la nieve|la estrella|la puerta|la familia|el secreto|el pájaro"
        ),
        modifiers=(
            "en invierno|de noche|bajo la lluvia|después de medianoche|antes del alba|sin fin|en silencio|en "
            "primavera|en verano|en otoño|al mediodía|a lo lejos|en la oscuridad|para siempre|del domingo|de "
            "ayer|de mañana"
        ),
        pair="{a} y {b}",
        modified="{n} {m}",
        overviews=(
            "Después de muchos años, {person} regresa a su pueblo. Ya nada es igual, ni siquiera {noun}.",
            "En una sola noche, {person} lo pierde todo. Solo queda {noun}, y nadie quiere decir por qué.",
        ),
    ),
    _tongue(
        "de",
        "DE",
        "German",
        "Deutsch",
        nouns=(
            "der Hafen|der Mond|der Fluss|der Garten|der Brief|der Lehrer|die Insel|die Brücke|der Zug|der "
            "Schatten|der Leuchtturm|der Berg|der Spiegel|das Lied|der Wald|die Uhr|das Meer|der Fremde|das "
            "Haus|das Versprechen|die Laterne|die Stadt|die Straße|das Königreich|der Schnee|der Stern|die Tür|"
            "die Familie|das Geheimnis|der Vogel"
        ),
        modifiers=(
            "im Winter|bei Nacht|im Regen|nach Mitternacht|vor der Dämmerung|ohne Ende|in der Stille|im "
            "Frühling|im Sommer|im Herbst|am Mittag|in der Ferne|im Dunkeln|für immer|am Sonntag|von gestern|"
            "von morgen"
        ),
        pair="{a} und {b}",
        modified="{n} {m}",
        overviews=(
            "Nach vielen Jahren kehrt {person} zurück. Doch nichts ist mehr, wie es war: {noun} am allerwenigsten.",
            "In einer einzigen Nacht verliert {person} alles. Was bleibt, ist {noun}, und niemand will sagen, warum.",
        ),
    ),
    _tongue(
        "pt",
        "BR",
        "Portuguese",
        "Português",
        nouns=(
            "o porto|a lua|o rio|o jardim|a carta|o professor|a ilha|a ponte|o trem|a sombra|o farol|a "
            "montanha|o espelho|a canção|a floresta|o relógio|o mar|o estranho|a casa|a promessa|a lanterna|a "
            "cidade|a estrada|o reino|a neve|a estrela|a porta|a família|o segredo|o pássaro"
        ),
        modifiers=(
            "no inverno|à noite|na chuva|depois da meia-noite|antes do amanhecer|sem fim|em silêncio|na "
            "primavera|no verão|no outono|ao meio-dia|ao longe|no escuro|para sempre|de domingo|de ontem|de "
            "amanhã"
        ),
        pair="{a} e {b}",
        modified="{n} {m}",
        overviews=(
            "Depois de muitos anos, {person} volta para casa. Nada é como antes, nem mesmo {noun}.",
            "Em uma única noite, {person} perde tudo. Só resta {noun}, e ninguém quer dizer por quê.",
        ),
    ),
    _tongue(
        "it",
        "IT",
        "Italian",
        "Italiano",
        nouns=(
            "il porto|la luna|il fiume|il giardino|la lettera|il maestro|l'isola|il ponte|il treno|l'ombra|il "
            "faro|la montagna|lo specchio|la canzone|la foresta|l'orologio|il mare|lo straniero|la casa|la "
            "promessa|la lanterna|la città|la strada|il regno|la neve|la stella|la porta|la famiglia|il "
            "segreto|l'uccello"
        ),
        modifiers=(
            "d'inverno|di notte|sotto la pioggia|dopo mezzanotte|prima dell'alba|senza fine|in silenzio|in "
            "primavera|d'estate|d'autunno|a mezzogiorno|in lontananza|nel buio|per sempre|della domenica|di "
            "ieri|di domani"
        ),
        pair="{a} e {b}",
        modified="{n} {m}",
        overviews=(
            "Dopo tanti anni, {person} torna a casa. Niente è più come prima, nemmeno {noun}.",
            "In una sola notte {person} perde tutto. Resta solo {noun}, e nessuno vuole dire perché.",
        ),
    ),
    _tongue(
        "tr",
        "TR",
        "Turkish",
        "Türkçe",
        nouns=(
            "liman|ay|nehir|bahçe|mektup|öğretmen|ada|köprü|tren|gölge|deniz feneri|dağ|ayna|şarkı|orman|saat|"
            "deniz|yabancı|ev|söz|fener|şehir|yol|krallık|kar|yıldız|kapı|aile|sır|kuş"
        ),
        modifiers=(
            "kıştaki|gecedeki|yağmurdaki|gece yarısından sonraki|şafaktan önceki|sonsuz|sessizlikteki|"
            "bahardaki|yazdaki|güzdeki|öğlendeki|uzaktaki|karanlıktaki|ebedi|pazar günkü|dünkü|yarınki"
        ),
        pair="{a} ve {b}",
        modified="{m} {n}",
        overviews=(
            "Yıllar sonra eve dönen {person} için artık hiçbir şey eskisi gibi değildir: {noun} bile.",
            "Bir gecede her şeyini kaybeden {person} için geriye tek bir şey kalır: {noun}.",
        ),
    ),
    _tongue(
        "pl",
        "PL",
        "Polish",
        "Polski",
        nouns=(
            "port|księżyc|rzeka|ogród|list|nauczyciel|wyspa|most|pociąg|cień|latarnia morska|góra|lustro|pieśń|"
            "las|zegar|morze|nieznajomy|dom|obietnica|latarnia|miasto|droga|królestwo|śnieg|gwiazda|drzwi|"
            "rodzina|tajemnica|ptak"
        ),
        modifiers=(
            "zimą|nocą|w deszczu|po północy|przed świtem|bez końca|w ciszy|wiosną|latem|jesienią|w południe|w "
            "oddali|w ciemności|na zawsze|w niedzielę|wczoraj|jutro"
        ),
        pair="{a} i {b}",
        modified="{n} {m}",
        overviews=(
            "Po latach {person} wraca do domu. Nic nie jest już takie samo, nawet {noun}.",
            "W jedną noc {person} traci wszystko. Zostaje tylko {noun} i nikt nie chce powiedzieć dlaczego.",
        ),
    ),
    _tongue(
        "sv",
        "SE",
        "Swedish",
        "svenska",
        nouns=(
            "hamnen|månen|floden|trädgården|brevet|läraren|ön|bron|tåget|skuggan|fyren|berget|spegeln|sången|"
            "skogen|klockan|havet|främlingen|huset|löftet|lyktan|staden|vägen|riket|snön|stjärnan|dörren|"
            "familjen|hemligheten|fågeln"
        ),
        modifiers=(
            "på vintern|om natten|i regnet|efter midnatt|före gryningen|utan slut|i tystnad|på våren|på "
            "sommaren|på hösten|vid middagstid|långt borta|i mörkret|för alltid|på söndag|från igår|från "
            "imorgon"
        ),
        pair="{a} och {b}",
        modified="{n} {m}",
        overviews=(
            "Efter många år kommer {person} hem. Inget är sig likt, inte ens {noun}.",
            "På en enda natt förlorar {person} allt. Bara {noun} finns kvar, och ingen vill säga varför.",
        ),
    ),
)

TONGUES: dict[str, Tongue] = {tongue.code: tongue for tongue in _ALL}
"""By ISO 639-1 code."""

NOUN_COUNT = len(TONGUES["en"].nouns)
MODIFIER_COUNT = len(TONGUES["en"].modifiers)
