// Der Verbindungsdoktor, für alle, die untersucht werden.

import type { doctor as english } from '../en/doctor';

export const doctor: Record<keyof typeof english, string> = {
  'doctor.title': 'Verbindung prüfen',
  'doctor.text':
    'Misst den Weg zwischen dir und diesem Server und sagt verständlich, was nicht stimmt und was hilft. Das dauert etwa zwanzig Sekunden.',
  'doctor.start': 'Prüfung starten',
  'doctor.again': 'Noch einmal prüfen',
  'doctor.stop': 'Abbrechen',
  'doctor.copy': 'Als Text kopieren',
  'doctor.for': 'Was du vorhast',
  'doctor.for.watch': 'Zuschauen',
  'doctor.for.publish': 'Live gehen',
  'doctor.compared': 'Verglichen mit einem Stream von {rate}',
  'doctor.progress': 'Wird geprüft: {step}',
  'doctor.count': '{done} von {all}',
  'doctor.idle.title': 'Bereit, sobald du es bist',
  'doctor.idle.text':
    'Nichts wird installiert, nichts gespeichert. Die Prüfung überträgt einige Megabyte.',
  'doctor.verdict.good': 'Deine Verbindung ist in Ordnung',
  'doctor.verdict.fair': 'Es geht, und es ginge besser',
  'doctor.verdict.bad': 'Etwas ist im Weg',
  'doctor.verdict.unknown': 'Die Prüfung kam nicht zu Ende',
  'doctor.way.udp': 'Live-Bilder nehmen den direkten Weg, mit der kleinsten Verzögerung.',
  'doctor.way.tcp':
    'Live-Bilder nehmen den direkten Weg über TCP. Wo das Netz Pakete verliert, kommen sie etwas später.',
  'doctor.way.relay':
    'Live-Bilder gehen über ein Relay, das strenge Firewalls überwindet und etwas Verzögerung kostet.',
  'doctor.way.http':
    'Keine Live-Verbindung kommt durch. Zum Zuschauen bleibt HLS, einige Sekunden später.',
  'doctor.way.nothing': 'Nichts kommt bis zum Server durch.',
  'doctor.way.unknown': 'Welchen Weg Live-Bilder nehmen, ließ sich nicht messen.',
  'doctor.steps': 'Was gemessen wurde',
  'doctor.group.server': 'Der Server',
  'doctor.group.ways': 'Wege für das Bild',
  'doctor.group.line': 'Die Leitung',
  'doctor.step.server': 'Der Server antwortet',
  'doctor.step.websocket': 'Chat und Hinweise (WebSocket)',
  'doctor.step.codecs': 'Dieser Browser zeigt',
  'doctor.step.udp': 'Direkt, über UDP',
  'doctor.step.tcp': 'Direkt, über TCP',
  'doctor.step.relay': 'Über ein Relay',
  'doctor.step.quality': 'Verlust und Verzögerung',
  'doctor.step.down': 'Herunter',
  'doctor.step.up': 'Hinauf',
  'doctor.is.waiting': '–',
  'doctor.is.running': '…',
  'doctor.is.skipped': 'nicht gemessen',
  'doctor.is.works': 'geht',
  'doctor.is.fails': 'kommt nicht durch',
  'doctor.is.not_offered': 'bietet dieser Server nicht an',
  'doctor.is.silent': 'keine Antwort',
  'doctor.is.nothing': 'nichts',
  'doctor.is.lost': '{share} verloren',
  'doctor.is.swing': '± {value}',
  'doctor.relay.udp': 'UDP',
  'doctor.relay.tcp': 'TCP',
  'doctor.relay.tls': 'TLS',
  'doctor.findings': 'Was gefunden wurde',
  'doctor.findings.none': 'Es gibt nichts zu beheben.',
  'doctor.severity.error': 'Muss behoben werden',
  'doctor.severity.warning': 'Ginge besser',
  'doctor.severity.info': 'Gut zu wissen',
  'doctor.fix': 'Was du tun kannst',
  'doctor.details': 'Für alle, die den Server oder das Netz betreiben',
  'doctor.details.cause': 'Ursache',
  'doctor.details.fix': 'Abhilfe',
  'doctor.code': 'Code: {code}',
  'doctor.report.title': 'Verbindungsprüfung von {address}, {time}',
  'doctor.report.browser': 'Browser: {name}',
  'doctor.report.version': 'Server: Sluice {version}',
  'doctor.report.clock': 'Uhren: {value} auseinander',
  'doctor.server.title': 'Dieser Server',
  'doctor.server.text':
    'Was der Server über sich selbst herausfindet: Adressen, Ports, Grenzen des Systems, ffmpeg, Platz und Uhr.',
  'doctor.server.open': 'Von diesem Browser aus prüfen',
  'doctor.finding.server_unreachable': 'Der Server antwortet nicht',
  'doctor.finding.server_unreachable.text':
    'Dein Gerät erreicht das Netz, aber von diesem Server kommt nichts zurück.',
  'doctor.finding.server_unreachable.fix':
    'Sieh nach, ob andere Seiten laden. Wenn ja, versuche es in einigen Minuten wieder oder aus einem anderen Netz, etwa dem deines Telefons.',
  'doctor.finding.not_sluice': 'Etwas anderes antwortet an Stelle des Servers',
  'doctor.finding.not_sluice.text':
    'Oft ist es ein Netz in Hotel oder Büro, das erst eine Anmeldung will, oder ein Proxy, der Antworten verändert.',
  'doctor.finding.not_sluice.fix':
    'Öffne eine andere Seite und sieh, ob eine Anmeldung erscheint. Versuche es dann wieder.',
  'doctor.finding.plain_http': 'Die Seite ist nicht verschlüsselt',
  'doctor.finding.plain_http.text':
    'Browser geben Kamera, Mikrofon und Bildschirm nur verschlüsselten Seiten.',
  'doctor.finding.plain_http.fix': 'Öffne die Adresse, die mit https beginnt, wenn es eine gibt.',
  'doctor.finding.websocket_blocked': 'Chat und Hinweise kommen nicht durch',
  'doctor.finding.websocket_blocked.text':
    'Seiten laden, aber dauerhafte Verbindungen werden getrennt. Der Chat geht nur, während du über eine direkte Verbindung zuschaust.',
  'doctor.finding.websocket_blocked.fix':
    'Schalte VPN oder Blocker für diese Seite aus und versuche es wieder. Bitte im Büro darum, WebSockets zu erlauben.',
  'doctor.finding.media_blocked': 'Keine Live-Verbindung kommt durch',
  'doctor.finding.media_blocked.text':
    'Seiten laden, aber dieses Netz lässt keine der Verbindungen durch, die Live-Bilder nehmen. Zuschauen geht über HLS, einige Sekunden später; live gehen kannst du von hier nicht.',
  'doctor.finding.media_blocked.fix':
    'Versuche ein anderes Netz, etwa das deines Telefons, oder schalte ein VPN aus. Bitte im Büro darum, die Ports unten zu öffnen.',
  'doctor.finding.private_address': 'Der Server nennt eine Adresse, die von außen niemand erreicht',
  'doctor.finding.private_address.text':
    'Er schickt Browser zu einer Adresse, die es nur in seinem eigenen Netz gibt.',
  'doctor.finding.private_address.fix':
    'Von hier aus lässt sich das nicht beheben. Sag es denen, die den Server betreiben, und schicke ihnen diesen Bericht.',
  'doctor.finding.address_family': 'Du und der Server habt verschiedene Arten von Adressen',
  'doctor.finding.address_family.text':
    'Einer hat nur die ältere Art von Internetadressen, der andere nur die neuere.',
  'doctor.finding.address_family.fix':
    'Versuche ein anderes Netz, etwa das deines Telefons. Sag es denen, die den Server betreiben.',
  'doctor.finding.udp_blocked': 'Dieses Netz sperrt den schnellsten Weg',
  'doctor.finding.udp_blocked.text':
    'Am besten kommen Live-Bilder über UDP. Hier nehmen sie einen längeren Weg: Es geht, mit mehr Verzögerung bei schlechter Leitung.',
  'doctor.finding.udp_blocked.fix':
    'Du musst nichts tun. Für die kleinste Verzögerung nimm ein anderes Netz oder bitte darum, UDP zu erlauben.',
  'doctor.finding.only_relay': 'Nur das Relay kommt durch',
  'doctor.finding.only_relay.text':
    'Zwischen dir und dem Server steht eine strenge Firewall. Die Bilder gehen um sie herum, mit etwas mehr Verzögerung.',
  'doctor.finding.only_relay.fix':
    'Du musst nichts tun. Für die kleinste Verzögerung nimm ein anderes Netz.',
  'doctor.finding.relay_unreachable': 'Ein Relay antwortet nicht',
  'doctor.finding.relay_unreachable.text':
    'Relays helfen hinter strengen Firewalls. Eines, das dieser Server nennt, antwortet von hier aus nicht.',
  'doctor.finding.relay_unreachable.fix':
    'Du brauchst es nur, wo nichts anderes geht. Sag es denen, die den Server betreiben.',
  'doctor.finding.relay_refuses': 'Ein Relay lässt niemanden ein',
  'doctor.finding.relay_refuses.text':
    'Der Server und sein Relay sind sich über ein Passwort nicht einig.',
  'doctor.finding.relay_refuses.fix':
    'Von hier aus lässt sich das nicht beheben. Sag es denen, die den Server betreiben.',
  'doctor.finding.tcp_blocked': 'Der zweite Weg ist zu',
  'doctor.finding.tcp_blocked.text':
    'Live-Bilder kommen über UDP durch. Der Weg über TCP, der einspringen würde, ist gesperrt.',
  'doctor.finding.tcp_blocked.fix': 'Du musst nichts tun.',
  'doctor.finding.symmetric_nat': 'Dein Router versteckt dich gut',
  'doctor.finding.symmetric_nat.text':
    'Er gibt jeder Verbindung eine andere äußere Tür. Das erschwert manche direkten Verbindungen.',
  'doctor.finding.symmetric_nat.fix': 'Solange Bilder kommen, musst du nichts tun.',
  'doctor.finding.mtu_too_small': 'Große Pakete gehen verloren',
  'doctor.finding.mtu_too_small.text':
    'Kleine Pakete kommen durch, die von Bildern nicht: Etwas auf dem Weg nimmt nur kleine an, oft ein VPN.',
  'doctor.finding.mtu_too_small.fix':
    'Schalte das VPN aus und versuche es wieder, oder stelle seine MTU auf 1280.',
  'doctor.finding.high_loss': 'Pakete gehen verloren',
  'doctor.finding.high_loss.text':
    'Geht zu viel verloren, werden Bilder grob oder bleiben kurz stehen, meist bei schwachem WLAN oder voller Leitung.',
  'doctor.finding.high_loss.fix':
    'Geh näher an den Router oder nimm ein Kabel, und halte Downloads auf derselben Leitung an.',
  'doctor.finding.high_round_trip': 'Das Netz antwortet langsam',
  'doctor.finding.high_round_trip.text':
    'Was gesendet wird, ist lange unterwegs. Live ist dann weniger live.',
  'doctor.finding.high_round_trip.fix':
    'Nimm ein Kabel statt WLAN, schalte ein VPN aus, und halte Uploads auf derselben Leitung an.',
  'doctor.finding.high_jitter': 'Pakete kommen unregelmäßig an',
  'doctor.finding.high_jitter.text':
    'Der Player muss auf Nachzügler warten. Das kostet Zeit und lässt Bilder stocken.',
  'doctor.finding.high_jitter.fix':
    'Nimm ein Kabel statt WLAN oder das 5-GHz-Band, und halte Downloads auf derselben Leitung an.',
  'doctor.finding.downlink_too_slow': 'Deine Leitung ist langsamer als der Stream',
  'doctor.finding.downlink_too_slow.text':
    'Es kommt weniger an, als der Stream in voller Qualität sendet. Der Player nimmt ein kleineres Bild, wo es eines gibt.',
  'doctor.finding.downlink_too_slow.fix':
    'Wähle im Player eine kleinere Qualität, und halte Downloads auf derselben Leitung an.',
  'doctor.finding.uplink_too_slow': 'Deine Leitung ist zu langsam für das, was du senden willst',
  'doctor.finding.uplink_too_slow.text':
    'Es soll mehr hinauf, als hindurchgeht. Wer zuschaut, sähe grobe Bilder, die stehen bleiben.',
  'doctor.finding.uplink_too_slow.fix':
    'Wähle ein kleineres Bild oder eine kleinere Bitrate, nimm ein Kabel, und halte Uploads wie Backups an.',
  'doctor.finding.clock_wrong': 'Die Uhren gehen verschieden',
  'doctor.finding.clock_wrong.text':
    'Dein Gerät und der Server sind sich über die Zeit nicht einig. Die Latenz wird falsch angezeigt, und die Anmeldung kann scheitern.',
  'doctor.finding.clock_wrong.fix':
    'Schalte in den Einstellungen deines Geräts die automatische Zeit ein.',
  'doctor.finding.codec_missing': 'Dieser Browser kommt mit dem Stream nicht zurecht',
  'doctor.finding.codec_missing.text': 'Ihm fehlt das Verfahren, mit dem das Bild gepackt ist.',
  'doctor.finding.codec_missing.fix': 'Nimm einen aktuellen Chrome, Edge, Firefox oder Safari.',
  'doctor.finding.codec_limited': 'Diesem Browser fehlt ein verbreitetes Format',
  'doctor.finding.codec_limited.text': 'Einige Streams laufen hier nicht, die meisten schon.',
  'doctor.finding.codec_limited.fix':
    'Nimm einen aktuellen Chrome, Edge oder Safari, wenn ein Stream dunkel bleibt.',
};
