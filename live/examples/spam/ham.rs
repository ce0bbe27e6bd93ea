//! What people say to each other. The hard kinds are there on purpose: links of regulars, talk about money and
//! crypto, banter, capitals, jokes that everybody repeats.

use crate::chance::Chance;
use crate::people::{anybody, newcomer, regular};
use crate::sample::{Family, Scene, Split, Utterance};

pub(crate) const FAMILIES: &[Family] = &[
    Family { name: "greetings", split: Split::Train, make: greetings },
    Family { name: "play talk", split: Split::Train, make: play },
    Family { name: "emotes", split: Split::Train, make: emotes },
    Family { name: "talk about gear and prices", split: Split::Train, make: gear },
    Family { name: "German small talk", split: Split::Train, make: german },
    Family { name: "capitals of joy", split: Split::Train, make: capitals },
    Family { name: "clips of regulars", split: Split::Train, make: clips },
    Family { name: "congratulations", split: Split::Train, make: congratulations },
    Family { name: "Russian", split: Split::Train, make: russian },
    Family { name: "banter", split: Split::Train, make: banter },
    Family { name: "commands for bots", split: Split::Train, make: commands },
    Family { name: "long stories", split: Split::Train, make: stories },
    Family { name: "first words of newcomers", split: Split::Train, make: first_words },
    Family { name: "a refrain that regulars repeat", split: Split::Train, make: refrain },
    Family { name: "newcomers and links", split: Split::Train, make: newcomers_links },
    Family { name: "newcomers ask", split: Split::Tune, make: newcomers_ask },
    Family { name: "a slogan that regulars repeat", split: Split::Tune, make: slogan },
    Family { name: "music wishes", split: Split::Tune, make: music },
    Family { name: "cooking", split: Split::Tune, make: cooking },
    Family { name: "Japanese and Chinese", split: Split::Tune, make: japanese },
    Family { name: "laughing at oneself", split: Split::Tune, make: oneself },
    Family { name: "answers to others", split: Split::Tune, make: answers },
    Family { name: "links to articles", split: Split::Tune, make: articles },
    Family { name: "programming", split: Split::Test, make: programming },
    Family { name: "cheering in capitals", split: Split::Test, make: cheering },
    Family { name: "Spanish, Polish, Turkish", split: Split::Test, make: other_latin },
    Family { name: "Arabic, Hindi, Korean", split: Split::Test, make: other_scripts },
    Family { name: "links to songs and pages", split: Split::Test, make: songs },
    Family { name: "talk about a giveaway", split: Split::Test, make: giveaway },
    Family { name: "talk about crypto", split: Split::Test, make: finance },
    Family { name: "a joke that regulars repeat", split: Split::Test, make: copypasta },
    Family { name: "harsh criticism", split: Split::Test, make: criticism },
    Family { name: "waves of gg", split: Split::Test, make: waves },
    Family { name: "first questions", split: Split::Test, make: first_questions },
    Family { name: "thanks and follows", split: Split::Test, make: thanks },
    Family { name: "long explanations", split: Split::Test, make: explanations },
    Family { name: "German dialect and irony", split: Split::Test, make: dialect },
];

fn by_anybody(chance: &mut Chance, templates: &[&str]) -> Scene {
    let text = chance.say(templates);
    vec![Utterance::new(text, anybody(chance), 0)]
}

fn by_regular(chance: &mut Chance, templates: &[&str]) -> Scene {
    let text = chance.say(templates);
    vec![Utterance::new(text, regular(chance), 0)]
}

/// The same or nearly the same of many within seconds.
fn wave(chance: &mut Chance, templates: &[&str], most: usize) -> Scene {
    let template = chance.one(templates);
    let count = chance.between(3, most);
    (0..count).map(|at| Utterance::new(chance.fill(template), anybody(chance), at as u64 * 700)).collect()
}

fn greetings(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{hi|hello|hey|heya|good evening|morning} {everyone|chat|all|folks|}",
            "{hi|hey} @{anna|kolja|mika_92|tobi}, {how are you|how was your week|long time no see}{?|}",
            "{moin|hallo|servus|grüße|guten abend} {zusammen|alle|chat|ihr lieben|}",
            "{good night|gn|bye|see you tomorrow} {chat|everyone|all}",
            "{back|re|wb} {from dinner|after work|}",
            "{wie gehts|alles gut|na, wie läufts} {dir|euch|}?",
        ],
    )
}

fn play(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{nice|what a|great|insane} {shot|save|jump|dodge|round}{!|}",
            "{go left|check the door|behind you|use the bow} {now|next time|first}",
            "you {need|want} the {red|blue|old} key for {that door|this level|the boss}",
            "{that boss|this level|the lava part} {is brutal|took me # hours|is the best part}",
            "{he|she} is {so close|low|almost there}, {one more hit|don't stop|go}",
            "why {did he jump|is it dark|don't you heal}?",
            "{only|just} #% health left {omg|lol|}",
            "join {the other team|lobby #|the blue side} {pls|please|}",
        ],
    )
}

fn emotes(chance: &mut Chance) -> Scene {
    wave(
        chance,
        &[
            ":wave: :wave: :wave:",
            ":laugh: :laugh:",
            "😂😂😂",
            "❤️❤️",
            "👏👏👏👏",
            ":party: LET'S GO :party:",
            "🔥🔥🔥 {wow|}",
            ":cat: :cat: :cat: :cat: :cat:",
        ],
        8,
    )
}

fn gear(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "which {camera|mic|keyboard|capture card} {do you use|is that}?",
            "I {paid|got mine for} ##{€|$} {used|on sale last week|}, {worth it|no regrets|it's fine}",
            "is the {light|desk|chair} {worth the money|still that expensive|free of that noise}?",
            "{my|the} {gpu|laptop} {was|is} ###€, {way too much|not cheap}",
            "{subscribe button|the follow button|the link list} is {gone|under the picture} on {mobile|my phone}",
            "do you earn enough from {streaming|this} to live on it? {just curious|}",
        ],
    )
}

fn german(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{heute|morgen|gestern} {war ich|bin ich} {arbeiten|beim sport|zu müde zum zocken}",
            "{das|dieses spiel} {sieht|klingt} {gut|komisch|super} aus",
            "{wer|was} {gewinnt|spielt|kommt} {heute|jetzt|als nächstes}?",
            "{hast du|habt ihr} {die folge|das spiel|den film} {schon|auch} gesehen?",
            "{ich glaube|ich denke|meine} {du musst|man muss} {links|rechts|nochmal zurück}",
            "{läuft|ruckelt|hakt} {bei euch|bei mir} {auch|nicht|der ton}?",
        ],
    )
}

fn capitals(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{NOOO|YESSS|LETS GOOO|OMG}{!!!|!|}",
            "{WHAT|HOW} {WAS THAT|DID HE DO THAT|IS THIS REAL}{?!|?}",
            "{ICH KANN NICHT MEHR|WAS WAR DAS DENN|ALTER}{!!|}",
            "THE {CAT|DOG|TIMING} {I CANT|IS BACK}",
        ],
    )
}

fn clips(chance: &mut Chance) -> Scene {
    by_regular(
        chance,
        &[
            "{clip|here's the clip|that moment again}: https://clips.example.tv/{Abc|Run|Jump}###",
            "{best of last week|the fail from yesterday} https://www.youtube.com/watch?v={aB|xY|qZ}##",
            "{vod|the whole run} is on example.tv/videos/#### {if you missed it|}",
            "here my {fan art|drawing}: imgur.com/{a|g}/##x#",
        ],
    )
}

fn congratulations(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{congrats|gz|grats} {to|on} {the|your} #00 {followers|subs|viewers}{!|}",
            "{wow|} ### viewers today{, you deserve it|!|}",
            "{glückwunsch|gz} zu #00 {abos|followern|zuschauern}",
            "you grew so {fast|much} this year, {love it|proud}",
        ],
    )
}

fn russian(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{привет|добрый вечер|здравствуйте} {всем|чат|}",
            "{как|что} {дела|нового}? {давно не был|}",
            "{отличный|классный|красивый} {ход|удар|стрим}{!|}",
            "{сколько|когда} {до конца|начнётся|осталось}?",
            "ахахаха {не могу|как так|это было смешно}",
        ],
    )
}

fn banter(chance: &mut Chance) -> Scene {
    by_regular(
        chance,
        &[
            "you {idiot|clown|fool} {haha|lol|xD}, {every time|that wall was there before}",
            "{trash|garbage} aim {today|as always} {xD|lol|:D}",
            "@{kolja|anna|tobi} you are {so bad at this|the worst pilot ever} {haha|love you|}",
            "{du opfer|du nase|du held} {haha|xD}, {schon wieder|wie immer}",
            "I hate {this level|you all|that guy} {so much|haha|lol}",
        ],
    )
}

fn commands(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "!{uptime|discord|song|commands|socials|schedule}",
            "!{vote|play|join} {red|blue|#}",
            "!so @{mika_92|anna}",
        ],
    )
}

fn stories(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{yesterday|last week} I {was on the train|sat in the kitchen} and {suddenly|out of nowhere} {my phone|the radio} {started to play|played} exactly {this tune|that song}, {everybody looked at me|I had to laugh so hard}, {and now it is stuck in my head again|best day of the month}",
            "{we had|my sister has} {a dog|two cats} like {that|this} when {I was little|we lived in the old house}, {it|one of them} {always|never} {came when you called|slept on the sofa}, {I still miss that time|good times}",
            "{als ich|wie wir} {klein war|noch in der alten wohnung waren}, {gab es|hatten wir} {nur einen kanal|keinen computer}, und {trotzdem|irgendwie} war {immer was los|alles gut}, {heute|jetzt} {schaue ich euch beim spielen zu|sitze ich hier und lache}",
            "{I tried|we tried} {the same recipe|this level} {three times|all weekend}, {first|at the beginning} it {was too dry|went well}, then {the oven|my brother} {gave up|got in the way}, so {today|now} I just {watch you do it|eat cereal}",
        ],
    )
}

fn first_words(chance: &mut Chance) -> Scene {
    let text = chance.say(&[
        "{wow|oh} {nice|cool} {garden|workshop|castle}, {did you build it yourself|how long did that take you}?",
        "{good evening|hi all}, I {came from|read about you in} the {forum|newspaper}",
        "{finde|find} ich {toll|gut} was {du machst|ihr macht}{!|, weiter so}",
        "{is this live|are you live now} or {a recording|from yesterday}?",
        "{do you|can you} {answer questions|take requests} {here|now|today}?",
    ]);
    vec![Utterance::new(text, newcomer(chance), 0)]
}

fn refrain(chance: &mut Chance) -> Scene {
    let text = chance.fill("{one does not simply|never ever} {feed|wake} the {goose|janitor} on a {sunday|full moon}, {my friends|dear viewers}");
    let count = chance.between(3, 7);
    (0..count).map(|at| Utterance::new(text.clone(), regular(chance), at as u64 * 3000)).collect()
}

fn newcomers_links(chance: &mut Chance) -> Scene {
    let text = chance.say(&[
        "{is it|you mean} this one? https://{museum|parts}.example.org/{item|page}/###",
        "{same|similar} {build|idea} here: github.com/{someone|lena}/{robot|clock}",
        "{saw you on|found you through} {forum|magazine}.example.com",
    ]);
    vec![Utterance::new(text, newcomer(chance), 0)]
}

fn newcomers_ask(chance: &mut Chance) -> Scene {
    let text = chance.say(&[
        "what is {the name of|} that {plant|tool|piece}?",
        "{sorry|hi} if that was asked before, {what do you use for|how do you do} the {light|sound|map}?",
        "{kann man|kann ich} {das irgendwo|die musik} {nachhören|kaufen}?",
        "are {you|they} {from|in} {austria|the north}?",
    ]);
    vec![Utterance::new(text, newcomer(chance), 0)]
}

fn slogan(chance: &mut Chance) -> Scene {
    let text =
        chance.fill("{less|no} {talk|sleep} more {cheese|trains} for {president|everybody} {2030|forever}");
    let count = chance.between(3, 6);
    (0..count).map(|at| Utterance::new(text.clone(), regular(chance), at as u64 * 2500)).collect()
}

fn music(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "can you play {the old one|something slow|the one from yesterday}{ please|?|}",
            "{this|that} {solo|chorus|bass line} {gives me chills|is so good|!!}",
            "what {key|tuning|string gauge} is {this|that} {in|}?",
            "{free|open} tuning or {standard|drop d}?",
            "{kannst du|spielst du} {nochmal|bitte} {das erste|was ruhiges}?",
        ],
    )
}

fn cooking(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{how much|how many grams of} {butter|flour|salt} {is that|do you use}?",
            "{looks|smells, I bet,} {delicious|so good}, {making it tonight|now I'm hungry}",
            "## minutes at ###° {right|or longer}?",
            "{ich nehme|nimm} {lieber|immer} {mehr knoblauch|weniger salz|frische hefe}",
            "don't {burn|drop} it {this time|now} {lol|}",
        ],
    )
}

fn japanese(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{こんばんは|初見です|おつかれさま}{！|〜|}",
            "{すごい|うまい|かわいい}{www|！！|}",
            "{今日|昨日|明日}の{試合|配信|料理}{楽しみ|よかった|は何時から？}",
            "{主播|大家} {晚上好|你好|好久不见}",
            "{这个|刚才那个}{太厉害了|好好笑|怎么做的？}",
        ],
    )
}

fn oneself(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "I'm {such an idiot|so stupid|garbage at this} {lol|haha|}, {forgot to save|fell off again}",
            "{bin ich dumm|ich depp}, {hab|hatte} {den ton aus|das falsche fenster}",
            "my {aim|cooking|german} is {trash|pathetic|a crime}",
            "{nobody|everyone} {asked me but|knows} I {hate|love} mondays",
        ],
    )
}

fn answers(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "@{anna|mika_92|sol} {yes|no|exactly|same here}, {that's what I meant|I saw it too}",
            "@{kolja|tobi} check {the about page|your settings|the second tab}",
            "@{lena|sol} @{anna|kolja} {are you two coming|who won} {today|later}?",
            "@{tobi|lena} {ja genau|nein|weiß nicht}, {glaub ich|kommt noch}",
        ],
    )
}

fn articles(chance: &mut Chance) -> Scene {
    by_regular(
        chance,
        &[
            "{good read|interesting}: https://www.{newsofday|sciencepost}.example.org/{space|games}/####",
            "the {rules|schedule} are on {our wiki|the site}: wiki.example.net/{rules|plan}",
            "{patch notes|release notes}: https://example.dev/notes/#.#",
        ],
    )
}

fn programming(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{main.rs|lib.rs|index.html} line ##{, missing semicolon|: wrong type|}",
            "{cargo build|npm install|git rebase} {fails|works} {for me|here} {too|}",
            "use {Vec<u8>|Option<String>|a HashMap} {instead|there}, {it's free|zero cost|no alloc}",
            "the docs say {std::mem::take|array.map()|fn(&str) -> String}",
            "if (a > b && !c) {return #;|break;} {right|no}?",
            "#.#.# {broke|fixed} it {for everyone|on windows|}",
            "tokens are {read|parsed} first, {then|and} the wallet {struct|module}",
        ],
    )
}

fn cheering(chance: &mut Chance) -> Scene {
    wave(
        chance,
        &[
            "{WHAT A|UNREAL|HUGE} {MOVE|GOAL|FINISH}{!!!|!!|}",
            "{GO|COME ON} {TEAM|LENA|BLUE} {GO|GO GO|}",
            "{TOOOR|TOR TOR TOR|JAAAA}{!!!|}",
            "WORLD RECORD {PACE|INCOMING|BABY}{!|!!!!}",
        ],
        5,
    )
}

fn other_latin(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{hola|buenas} {a todos|gente|chat}, {qué tal|cómo va}",
            "{jajaja|no puede ser|qué bueno} {ese final|lo viste|}",
            "{cześć|dobry wieczór} {wszystkim|czat}, {co słychać|jak leci}?",
            "{świetny|niezły} {mecz|strzał}{!|}",
            "{merhaba|selam} {herkese|arkadaşlar}, {nasılsınız|yayın ne zaman}?",
            "{çok güzel|harika} {olmuş|oyun}{!|}",
        ],
    )
}

fn other_scripts(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{مرحبا|السلام عليكم} {يا جماعة|بالجميع|}",
            "{هذا|والله} {رائع|جميل جدا}{!|}",
            "{नमस्ते|सबको नमस्कार} {दोस्तों|}",
            "{बहुत|क्या} {बढ़िया|मज़ेदार} {खेल|शॉट}{!|}",
            "{안녕하세요|반가워요} {여러분|}",
            "{대박|진짜} {ㅋㅋㅋㅋ|재밌다|잘한다}",
        ],
    )
}

fn songs(chance: &mut Chance) -> Scene {
    let text = chance.say(&[
        "{this song|sounds like}: https://open.example.fm/track/##{ab|xy}##",
        "{tabs|lyrics} here https://{tabs|lyrics}.example.com/{slow|rain}-##",
        "it was on {example.de|zeitung.example.de/kultur} {today|this morning}",
        "{map|trailer|recipe}: youtu.be/{Qa|Wb}#{x|y}##",
    ]);
    let author = if chance.percent(75) { regular(chance) } else { newcomer(chance) };
    vec![Utterance::new(text, author, 0)]
}

fn giveaway(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{when|what time} is the {giveaway|draw} {today|again}?",
            "{did I win|who won}{ the keyboard| the giveaway|}? {I was away|}",
            "do I have to {follow|subscribe|be here} to {win|join} the giveaway?",
            "never win {anything|a prize} {lol|:(}",
            "{wann|um wieviel uhr} ist das gewinnspiel{?| heute?}",
        ],
    )
}

fn finance(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{bitcoin|eth|solana} is {up|down} #% {today|since monday}{, crazy|}",
            "{lost|made} ##€ on {doge|that coin} {lol|years ago|}, never again",
            "{those|all these} crypto {bros|ads} {are so annoying|everywhere}",
            "what do you think about {index funds|bonds|trading fees}?",
            "my {wallet|bank account} says no {lol|}",
        ],
    )
}

fn copypasta(chance: &mut Chance) -> Scene {
    let joke = chance.fill("{I'm a captain|As a professional} and I {can confirm|must say} this {boat|bridge} is {not|definitely} a {potato|submarine}, please {remain|stay} {calm|seated}");
    let count = chance.between(3, 6);
    (0..count).map(|at| Utterance::new(joke.clone(), regular(chance), at as u64 * 4000)).collect()
}

fn criticism(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{honestly|sorry but} {that was|this is} {boring|a bad take|badly played}",
            "your {mic|sound} is {garbage|awful} today, {please fix it|can't listen}",
            "{das war|heute ist das} {echt schwach|langweilig|müll}, {letzte woche war besser|üb mal}",
            "I don't agree with you at all, {this law|that rule} is {stupid|dumb}",
            "you {always|never} {listen to chat|read the rules}, {annoying|it's annoying}",
        ],
    )
}

fn waves(chance: &mut Chance) -> Scene {
    wave(
        chance,
        &[
            "{gg|GG|ggs}{ wp|!|}",
            "{well played|wp} everyone",
            "{lol|LOL|lmao}",
            "F",
            "{good game|what a good game} {everybody|to both teams} tonight",
            "+1",
        ],
        9,
    )
}

fn first_questions(chance: &mut Chance) -> Scene {
    let text = chance.say(&[
        "{hi|hello}, first time here, {what game is this|what are you building}?",
        "{hey|hi} {just found this|a friend sent me}, {how long do you stream|when do you stream}?",
        "{hallo|hi}, bin neu hier, {was spielst du|worum geht's}?",
        "can {guests|new people} {write here|join the lobby} {too|}?",
        "how do I get {a badge|the emotes} here? {do I need an account|}",
    ]);
    vec![Utterance::new(text, newcomer(chance), 0)]
}

fn thanks(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{thanks|thank you} for the {stream|help|gifted sub}{!|}",
            "{followed|just followed}{!|}, {great stream|love the vibe}",
            "{danke|vielen dank} für {den stream|die hilfe|alles}",
            "{subbed for # months|# months already}, {wow|time flies}",
        ],
    )
}

fn explanations(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "the {moon|tide} {pulls|moves} the water {twice a day|on both sides}, {that is why|so} {you see|we get} two {high tides|bulges}, {and the sun helps a little|which took me years to understand}, {great question though|hope that helps}",
            "{in the first version|back then} you had to {hold|press} both buttons and {jump|turn} at the edge, {they patched it|it was removed} later, {but|and} {speedrunners|some people} still {use|remember} the old {build|disc}, it saves about ## seconds",
            "{der unterschied ist|also es ist so}: {bei der alten regel|früher} {zählte|galt} nur der {letzte|erste} zug, {seit|ab} {diesem jahr|der neuen saison} {zählen alle|wird alles addiert}, {deshalb|darum} {liegt sie vorn|ist es so knapp}",
            "{your router|the modem} {keeps|holds} the {packets|frames} too long, {turn off|look for} {the queue|buffer bloat}, {measure again|then test it} {while someone downloads|in the evening}, {mine went from|I got} ### to ## ms {after that|with a free setting}",
        ],
    )
}

fn dialect(chance: &mut Chance) -> Scene {
    by_anybody(
        chance,
        &[
            "{des|dös} {is|war} ja {a|mal a} {gaudi|schmarrn}",
            "{ick|ik} {freu mir|lach mir schlapp}",
            "{na klar|ja sicher}, und {morgen|nächste woche} {regnet es geld|kommt der weihnachtsmann}",
            "{geiles|hammer} {teil|brett}, {gönn dir|nice}",
            "{moin moin|ei gude}, {wie isses|wat machst du}",
        ],
    )
}
