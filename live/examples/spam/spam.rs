//! What nobody wants to read. Names, domains and slurs are made up.

use crate::chance::Chance;
use crate::people::spammer;
use crate::sample::{Family, Scene, Split, Utterance};

pub(crate) const FAMILIES: &[Family] = &[
    Family { name: "follow for follow", split: Split::Train, make: follow_for_follow },
    Family { name: "viewers for sale", split: Split::Train, make: viewers_for_sale },
    Family { name: "crypto giveaway", split: Split::Train, make: crypto_giveaway },
    Family { name: "account suspended", split: Split::Train, make: suspended },
    Family { name: "raid with an advertisement", split: Split::Train, make: raid_advertisement },
    Family { name: "insults of strangers", split: Split::Train, make: insults },
    Family { name: "one text again and again", split: Split::Train, make: repeated },
    Family { name: "adult", split: Split::Train, make: adult },
    Family { name: "offer with a hidden link", split: Split::Train, make: hidden_offer },
    Family { name: "follow for follow, German", split: Split::Tune, make: german_follow },
    Family { name: "casino", split: Split::Tune, make: casino },
    Family { name: "raid with hate", split: Split::Tune, make: raid_hate },
    Family { name: "designers for hire", split: Split::Tune, make: designers },
    Family { name: "growth service, hidden link", split: Split::Test, make: growth_hidden },
    Family { name: "investment coach", split: Split::Test, make: coach },
    Family { name: "gift with a false domain", split: Split::Test, make: false_domain },
    Family { name: "raid with a varied text", split: Split::Test, make: raid_varied },
    Family { name: "insults, German", split: Split::Test, make: german_insults },
    Family { name: "account blocked, German", split: Split::Test, make: german_phishing },
    Family { name: "come to my stream", split: Split::Test, make: own_stream },
    Family { name: "you have won", split: Split::Test, make: you_have_won },
    Family { name: "dating, German", split: Split::Test, make: german_dating },
    Family { name: "spaced and disguised offer", split: Split::Test, make: disguised },
    Family { name: "Russian offer", split: Split::Test, make: russian_offer },
    Family { name: "polite pitch without a link", split: Split::Test, make: polite },
    Family { name: "flood of letters", split: Split::Test, make: letters },
];

fn once(chance: &mut Chance, templates: &[&str]) -> Scene {
    let text = chance.say(templates);
    vec![Utterance::new(text, spammer(chance), 0)]
}

/// Many accounts with one text within seconds, each a little different.
fn raid(chance: &mut Chance, text: &str, tails: &[&str]) -> Scene {
    let count = chance.between(8, 20);
    (0..count)
        .map(|at| {
            let text = format!("{text} {}", chance.say(tails));
            let wait = chance.below(900) as u64;
            Utterance::new(text, spammer(chance), at as u64 * 900 + wait)
        })
        .collect()
}

fn follow_for_follow(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{f4f|follow 4 follow|follow for follow}? {I follow back|always back|instantly}{!|}",
            "{follow me|sub to me} and I {follow|sub} {you|back} {100%|guaranteed|}",
            "{who wants|need} {more followers|subs}? {sub4sub|s4s|f4f} {now|here|}",
            "i {need|want} ## followers {today|by tonight} {pls|please} follow {me|back}",
        ],
    )
}

fn viewers_for_sale(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{Cheap|Best|Real} {viewers|followers} {on|at|from} {topviewers|streamboost|megafollow}.{com|xyz|shop}{!|}",
            "{want to become famous|wanna grow}? {buy|get} {viewers|followers and views} {at|on} {www.|}{fameshop|viewbay}.{com|ru}",
            "get ### {followers|subs} for #{$|€} {only|today} -> https://{boost|grow}{lab|zone}.{top|xyz}/{r|x}##",
            "{promote|boost} your {stream|channel} with {streamrise|hypelab}.{io|net}, {free trial|first 50 free}",
        ],
    )
}

fn crypto_giveaway(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{elon|the company} is giving away #00 {btc|eth} {now|live}! https://{elon|double}-{gift|drop}.{com|live}",
            "{FREE|free} {airdrop|token drop}: connect your wallet {at|on} {claim|drop}-{coin|token}.{xyz|io} {before it ends|today only}",
            "send #.# {eth|btc}, get {double|2x} back, {official|verified} event {https://|}{x2|twice}coin.{org|gift}",
            "new {presale|nft mint} {100x|1000% profit} guaranteed, join t.me/{moon|rocket}##",
        ],
    )
}

fn suspended(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{Warning|Notice}: your account {will be|is} {suspended|locked}. Verify {at|on} https://{account|login}-{verify|secure}.{com|info}/{id|u}###",
            "{Support team|Security}: {unusual login|copyright strike} on your account, {log in|confirm} {now|within 24h} {secure|help}-{desk|center}.{net|top}",
            "your {channel|account} got a {violation|strike}, appeal {here|now}: {appeal|review}{form|page}.{site|online}/###",
        ],
    )
}

fn raid_advertisement(chance: &mut Chance) -> Scene {
    let text = chance.fill("{everyone go to|come over to} the {better|real} stream of {blorbo|zanti} {right now|today}, this one is {over|dead}");
    raid(chance, &text, &["", "##", "{!|!!|!!!}", "{lol|xd|now}"])
}

fn insults(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "you are {pathetic|worthless|a clown}, {nobody|no one} {likes|watches} you",
            "{quit|stop} streaming you {ugly|fat|dumb} {loser|idiot|zorblat}",
            "{shut up|get lost} you {stupid|disgusting} {bitch|cunt|zorblat}",
            "everyone {here|in this chat} is {retarded|trash}, {uninstall|quit} you {morons|idiots}",
        ],
    )
}

fn repeated(chance: &mut Chance) -> Scene {
    let text = chance.say(&[
        "{watch|see} my new {video|channel} it is {really|so} good",
        "{this stream|the streamer} is a {fake|fraud} and {everybody|all} should know",
        "{unban|free} my friend {klaus|rob} right now {please|}",
    ]);
    let author = spammer(chance);
    let count = chance.between(4, 10);
    (0..count).map(|at| Utterance::new(text.clone(), author, at as u64 * 1100)).collect()
}

fn adult(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{hot|sexy} {girls|singles} {near you|live now} {18+|} {hotcam|lovenight}.{xyz|club}",
            "my {nudes|naked pics} are {free|on} my {profile|bio} {18+|😈|}",
            "{lonely|bored} {tonight|}? {click|check} my {profile|onlyfans} {link in bio|babe}",
        ],
    )
}

fn hidden_offer(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{fr33|frее|f r e e} {pоints|c0ins|skinz} {h3re|here}: {winbox|lootking}{[.]| dot |(dot)}{net|org|tv}",
            "{bеst|b3st} {dеals|d e a l s} hxxp://{bargain|dealz}{king|box}.{info|biz}/## {n0w|today}",
            "{vіsit|v1sit} {lootking|winbox} . {org|com} {for|and get} {pr1zes|prіzes}",
        ],
    )
}

fn german_follow(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{folge|abonniere} mich, {ich folge zurück|kriegst auch ein abo}{!|}",
            "wer {will|braucht} {mehr follower|abonnenten}? {schau auf mein profil|f4f}",
            "{abo gegen abo|follow4follow} {jetzt|heute}, {ehrenwort|100%}",
        ],
    )
}

fn casino(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{won|made} ###€ {today|in 10 minutes} at {luckyspin|goldreels}.{bet|casino}, use code {WIN|JACK}##",
            "{100 freispiele|bonus 200%} {gratis|kostenlos} bei {glücksrad|slotkönig}.{de|com}",
            "{free spins|no deposit bonus} {only today|for new players} -> {spin|reel}{city|land}.{top|win}",
        ],
    )
}

fn raid_hate(chance: &mut Chance) -> Scene {
    let text = chance.fill("{all|every} {zorblats|gremlons} {must leave|go back}, this {chat|stream} {belongs to|is for} {us|real people}");
    raid(chance, &text, &["", "###", "{hahaha|ez}", "{!!|...}"])
}

fn designers(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "hey, I'm a {graphic designer|overlay artist}, I can make {logos|emotes|overlays} for your channel, {add me on discord|contact me}: {pix|art}zo#{###|##}",
            "hello {dear|friend}, your {content|stream} is {good|great} but your {overlay|logo} {needs work|is weak}, {dm me|message me on insta} for {cheap|affordable} {designs|animations}",
        ],
    )
}

fn growth_hidden(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{Ch3ap|Cheap|Best} {v1ewers|viewerz|v i e w e r s} on {bigstreams|viewking} {(dot)|[.]|dot} {com|net} {remove the space|}",
            "{upgrade|skyrocket} your channel {@|at} {ranklift . com|ranklift dot xyz|rank-lift(.)io}",
            "hxxps://{rise|climb}{hub|box}[.]{gg|com} {gives|has} {real|organic} {chatters|followerz} {from #$|instant delivery}",
            "{viral|famous} in ## days? {search|google} {streamturbo|superfame} {punkt de|d0t com}",
        ],
    )
}

fn coach(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "I {invested|started with} #00$ with {Mrs|Mr} {Harlow|Bennix} and {earned|got} #,###$ in {one week|ten days}, {text her|reach him} on {telegram|whatsapp} +1 ### ### ####",
            "{Shoutout|Thanks} to {coach Dalven|expert Mirra}, {my|his} {trading|forex} {signals|strategy} changed my life, {contact|write} @{dalvenfx|mirra_trades} on {telegram|instagram}",
            "{passive|weekly} income {is possible|of ####€}, {ask me how|write me} on {whatsapp|signal}",
        ],
    )
}

fn false_domain(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{50$|free} {steam|nitro} gift {for viewers|from the team}: https://{stеam|dіscord}{-gift|cards}.{com|gift}/##",
            "{claim|get} your {gift card|3 months nitro} {here|}: {discоrd|steаm}community.{ru|link}/{g|gift}",
            "bro I {accidentally|mistakenly} reported your {steam|game} account, talk to {admin|support} {Rex|Gil} at {stеam|steаm}help.{org|pro}",
        ],
    )
}

fn raid_varied(chance: &mut Chance) -> Scene {
    let text =
        chance.fill("the {grumbs|floon army} {is here|took over} and {your|this} chat is {ours|done} now");
    raid(
        chance,
        &text,
        &["{#|##|###}", "{🎉|💀|}{🎉|💀|}", "{grumb|floon} {power|forever}", "{get out|bye|cry}"],
    )
}

fn german_insults(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "du {bist|warst} {so|echt} {hässlich|dumm|peinlich}, {keiner mag dich|hör auf zu streamen}",
            "{verpiss dich|halt die fresse} du {hurensohn|opfer|stück dreck}",
            "{was für|so} eine {fette|dumme} {schlampe|kuh}, {geh nach hause|schäm dich}",
            "ihr seid {alle|doch alle} {behindert|abschaum|kranke}",
        ],
    )
}

fn german_phishing(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{Achtung|Wichtig}: dein konto wird {heute|in 24 stunden} gesperrt, {bestätige|verifiziere} dich {unter|auf} {konto|sicher}-{hilfe|zentrum}.{de|info}",
            "dein paket {wartet|konnte nicht zugestellt werden}: {paket|post}-{info|status}.{top|link}/###",
            "{Support|Team}: {urheberrechtsverstoß|ungewöhnliche anmeldung}, passwort {ändern|prüfen} https://{login|hilfe}-{team|center}.{com|site}",
        ],
    )
}

fn own_stream(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{come|hop} over to my {stream|channel}, {I'm live|just went live} {playing the same game|too}",
            "i stream {better|more fun} {stuff|games}, {check me out|look at my channel}",
            "{live now|on air}: twitch.tv/{blorbo|zanti}## {come say hi|}",
            "{schaut|kommt} {mal|} bei mir {rein|vorbei}, bin {auch|gerade} live",
        ],
    )
}

fn you_have_won(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "@{anna|kolja|lena} congratulations, you {won|are the winner}! {DM|write} me to {claim|receive} your {prize|gift card}",
            "@{tobi|sol} @{mika_92|anna} you were {picked|selected} as winners, {message|contact} the {admin|team} on {telegram|discord} {fast|now}",
            "🎁 {winner|congratulations} @{sol|lena}: {claim|pick up} within ## minutes {at|on} {prize|bonus}{claim|box}.{site|shop}",
        ],
    )
}

fn german_dating(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{einsame|heiße} {mädels|frauen} {aus deiner nähe|suchen dich}, {treffen|chat} {gratis|kostenlos}: {flirt|herz}{nacht|treff}.{de|net}",
            "{bin|hi bin} {lea|mia} ## und {einsam|allein}, schreib mir auf {whatsapp|snap} {mia_##|lea##x}",
            "{nackt|nackte} {bilder|videos} {auf|in} meinem profil {😘|18+|}",
        ],
    )
}

fn disguised(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "F R E E {v-bucks|s k i n s} {h e r e|n o w} {s k i n z|vb} {. c o m|dot gg}",
            "ｆｒｅｅ　{ｃｏｉｎｓ|ｇｉｆｔｓ}　{ａｔ|ｏｎ}　{ｗｗｗ．ｇｏｌｄｙ．ｃｏｍ|ｇｏｌｄｙ．ｘｙｚ}",
            "𝐠𝐞𝐭 𝐟𝐫𝐞𝐞 {𝐬𝐮𝐛𝐬|𝐟𝐨𝐥𝐥𝐨𝐰𝐞𝐫𝐬} 𝐧𝐨𝐰 {𝐜𝐡𝐞𝐜𝐤 𝐛𝐢𝐨|𝐥𝐢𝐧𝐤 𝐢𝐧 𝐩𝐫𝐨𝐟𝐢𝐥𝐞}",
            "сlаim {yоur|а} frее {gіft|bоnus} {tоdау|nоw} gоldу.{сom|xyz}",
        ],
    )
}

fn russian_offer(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{заработок|работа} {без вложений|на дому} от ##00 рублей в день, пиши в {телеграм|личку}",
            "{накрутка|дешёвые} {зрителей|подписчиков} {быстро|недорого}, {заходи|смотри} {vk.com|t.me}/{nakrut|boost}##",
            "{бесплатные|халявные} {скины|кейсы} {тут|здесь}: {case|skin}drop.ru/###",
        ],
    )
}

fn polite(chance: &mut Chance) -> Scene {
    once(
        chance,
        &[
            "{hey|hello} {great stream|nice content}! have you {ever thought about|considered} {growing|reaching} a {bigger|larger} audience? {let's talk|I can help}",
            "{hi|hello} {friend|mate}, I {really|} {enjoy|like} your {energy|vibe}, {are you open to|would you like} {some advice|a suggestion} {about your channel|}?",
            "I {help|work with} {small|new} streamers {get discovered|find their audience}, {interested|want to know more}?",
        ],
    )
}

fn letters(chance: &mut Chance) -> Scene {
    let author = spammer(chance);
    let letter = chance.one(&["a", "x", "ha", "q", "🤡", "!", "W"]);
    let count = chance.between(2, 6);
    (0..count)
        .map(|at| {
            let length = chance.between(30, 200);
            Utterance::new(letter.repeat(length), author, at as u64 * 800)
        })
        .collect()
}
