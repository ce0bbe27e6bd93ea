// The connection doctor, for whoever is examined; what the server finds comes with its own words.

export const doctor = {
  'doctor.title': 'Check the connection',
  'doctor.text':
    'Measures the way between you and this server, says what is wrong in plain words, and what to do about it. It takes about twenty seconds.',
  'doctor.start': 'Start the check',
  'doctor.again': 'Check again',
  'doctor.stop': 'Stop',
  'doctor.copy': 'Copy as text',
  'doctor.for': 'What you want to do',
  'doctor.for.watch': 'Watch',
  'doctor.for.publish': 'Go live',
  'doctor.compared': 'Compared with a stream of {rate}',
  'doctor.progress': 'Checking: {step}',
  'doctor.count': '{done} of {all}',
  'doctor.idle.title': 'Ready when you are',
  'doctor.idle.text': 'Nothing is installed and nothing is kept. The check moves some megabytes.',
  'doctor.verdict.good': 'Your connection is fine',
  'doctor.verdict.fair': 'It works, and could be better',
  'doctor.verdict.bad': 'Something is in the way',
  'doctor.verdict.unknown': 'The check could not be finished',
  'doctor.way.udp': 'Live pictures take the direct way, with the least delay.',
  'doctor.way.tcp':
    'Live pictures take the direct way over TCP. Where the network loses packets they come a little later.',
  'doctor.way.relay':
    'Live pictures go by a relay, which passes strict firewalls and adds a little delay.',
  'doctor.way.http':
    'No live connection gets through. What is left for watching is HLS, some seconds behind.',
  'doctor.way.nothing': 'Nothing gets through to the server.',
  'doctor.way.unknown': 'Which way live pictures take could not be measured.',
  'doctor.steps': 'What was measured',
  'doctor.group.server': 'The server',
  'doctor.group.ways': 'Ways for the picture',
  'doctor.group.line': 'The line',
  'doctor.step.server': 'The server answers',
  'doctor.step.websocket': 'Chat and notices (WebSocket)',
  'doctor.step.codecs': 'This browser shows',
  'doctor.step.udp': 'Direct, over UDP',
  'doctor.step.tcp': 'Direct, over TCP',
  'doctor.step.relay': 'By a relay',
  'doctor.step.quality': 'Loss and delay',
  'doctor.step.down': 'Down',
  'doctor.step.up': 'Up',
  'doctor.is.waiting': '–',
  'doctor.is.running': '…',
  'doctor.is.skipped': 'not measured',
  'doctor.is.works': 'works',
  'doctor.is.fails': 'does not get through',
  'doctor.is.not_offered': 'not offered by this server',
  'doctor.is.silent': 'no answer',
  'doctor.is.nothing': 'nothing',
  'doctor.is.lost': '{share} lost',
  'doctor.is.swing': '± {value}',
  'doctor.relay.udp': 'UDP',
  'doctor.relay.tcp': 'TCP',
  'doctor.relay.tls': 'TLS',
  'doctor.findings': 'What was found',
  'doctor.findings.none': 'Nothing to mend.',
  'doctor.severity.error': 'Has to be mended',
  'doctor.severity.warning': 'Could be better',
  'doctor.severity.info': 'Good to know',
  'doctor.fix': 'What you can do',
  'doctor.details': 'For whoever runs the server or the network',
  'doctor.details.cause': 'Cause',
  'doctor.details.fix': 'Fix',
  'doctor.code': 'Code: {code}',
  'doctor.report.title': 'Connection check of {address}, {time}',
  'doctor.report.browser': 'Browser: {name}',
  'doctor.report.version': 'Server: Sluice {version}',
  'doctor.report.clock': 'Clocks: {value} apart',
  'doctor.server.title': 'This server',
  'doctor.server.text':
    'What the server finds out about itself: addresses, ports, limits of the system, ffmpeg, disk and clock.',
  'doctor.server.open': 'Check from this browser',
  'doctor.finding.server_unreachable': 'The server does not answer',
  'doctor.finding.server_unreachable.text':
    'Your device reaches the network, but nothing comes back from this server.',
  'doctor.finding.server_unreachable.fix':
    'Look whether other pages load. If they do, try again in some minutes, or from another network such as that of your phone.',
  'doctor.finding.not_sluice': 'Something else answers in place of the server',
  'doctor.finding.not_sluice.text':
    'Often a hotel or office network that wants you to sign in first, or a proxy that changes what it passes on.',
  'doctor.finding.not_sluice.fix':
    'Open any other page to see whether a sign-in appears, and try again.',
  'doctor.finding.plain_http': 'The page is not encrypted',
  'doctor.finding.plain_http.text':
    'Browsers give the camera, the microphone and the screen only to encrypted pages.',
  'doctor.finding.plain_http.fix': 'Open the address that begins with https, if there is one.',
  'doctor.finding.websocket_blocked': 'Chat and notices do not get through',
  'doctor.finding.websocket_blocked.text':
    'Pages load, but lasting connections are cut. Chat works only while you watch over a direct connection.',
  'doctor.finding.websocket_blocked.fix':
    'Switch off a VPN or a blocker for this site and try again. In an office, ask for WebSockets to be allowed.',
  'doctor.finding.media_blocked': 'No live connection gets through',
  'doctor.finding.media_blocked.text':
    'Pages load, but this network lets none of the connections through that live pictures take. Watching goes on over HLS, some seconds behind; going live does not work from here.',
  'doctor.finding.media_blocked.fix':
    'Try another network, such as that of your phone, or switch off a VPN. In an office, ask for the ports below to be opened.',
  'doctor.finding.private_address': 'The server gives an address that nobody outside reaches',
  'doctor.finding.private_address.text':
    'The server tells browsers to come to an address that exists only in its own network.',
  'doctor.finding.private_address.fix':
    'You cannot mend this from here. Tell whoever runs the server, and send them this report.',
  'doctor.finding.address_family': 'You and the server speak different kinds of addresses',
  'doctor.finding.address_family.text':
    'One of you has only the older kind of internet addresses, and the other only the newer.',
  'doctor.finding.address_family.fix':
    'Try another network, such as that of your phone. Tell whoever runs the server.',
  'doctor.finding.udp_blocked': 'This network blocks the fastest way',
  'doctor.finding.udp_blocked.text':
    'UDP is what live pictures take best. They take a longer way here: it works, with more delay where the line is bad.',
  'doctor.finding.udp_blocked.fix':
    'Nothing has to be done. For the least delay use another network, or ask for UDP to be allowed.',
  'doctor.finding.only_relay': 'Only the relay gets through',
  'doctor.finding.only_relay.text':
    'A strict firewall stands between you and the server. Pictures take a way around it, with a little more delay.',
  'doctor.finding.only_relay.fix':
    'Nothing has to be done. For the least delay use another network.',
  'doctor.finding.relay_unreachable': 'A relay does not answer',
  'doctor.finding.relay_unreachable.text':
    'Relays help people behind strict firewalls. One that this server names does not answer from here.',
  'doctor.finding.relay_unreachable.fix':
    'You need it only where nothing else works. Tell whoever runs the server.',
  'doctor.finding.relay_refuses': 'A relay does not let anybody in',
  'doctor.finding.relay_refuses.text': 'The server and its relay do not agree on a password.',
  'doctor.finding.relay_refuses.fix':
    'You cannot mend this from here. Tell whoever runs the server.',
  'doctor.finding.tcp_blocked': 'The second way is closed',
  'doctor.finding.tcp_blocked.text':
    'Live pictures get through over UDP. The way over TCP, which would stand in for it, does not.',
  'doctor.finding.tcp_blocked.fix': 'Nothing has to be done.',
  'doctor.finding.symmetric_nat': 'Your router hides you well',
  'doctor.finding.symmetric_nat.text':
    'It gives every connection another outer door, which makes some direct connections harder.',
  'doctor.finding.symmetric_nat.fix': 'Nothing has to be done as long as pictures come.',
  'doctor.finding.mtu_too_small': 'Large packets are lost',
  'doctor.finding.mtu_too_small.text':
    'Small packets get through and those of pictures do not: something on the way takes only small ones, often a VPN.',
  'doctor.finding.mtu_too_small.fix': 'Switch off the VPN and try again, or set its MTU to 1280.',
  'doctor.finding.high_loss': 'Packets get lost',
  'doctor.finding.high_loss.text':
    'Pictures become coarse or stand for a moment when too much is lost, mostly on a weak Wi-Fi or a busy line.',
  'doctor.finding.high_loss.fix':
    'Go nearer to the router or use a cable, and pause downloads on the same line.',
  'doctor.finding.high_round_trip': 'The network is slow to answer',
  'doctor.finding.high_round_trip.text': 'What is sent takes long to arrive, so live is less live.',
  'doctor.finding.high_round_trip.fix':
    'Use a cable instead of Wi-Fi, switch off a VPN, and pause uploads on the same line.',
  'doctor.finding.high_jitter': 'Packets arrive irregularly',
  'doctor.finding.high_jitter.text':
    'The player has to wait for stragglers, which adds delay and makes pictures stutter.',
  'doctor.finding.high_jitter.fix':
    'Use a cable instead of Wi-Fi, or the 5 GHz band, and pause downloads on the same line.',
  'doctor.finding.downlink_too_slow': 'Your line is slower than the stream',
  'doctor.finding.downlink_too_slow.text':
    'Less comes down than the stream sends in full quality. The player falls back to a smaller picture where there is one.',
  'doctor.finding.downlink_too_slow.fix':
    'Choose a lower quality in the player, and pause downloads on the same line.',
  'doctor.finding.uplink_too_slow': 'Your line is too slow for what you want to send',
  'doctor.finding.uplink_too_slow.text':
    'More is to be sent than goes up. Viewers would see coarse pictures that stop.',
  'doctor.finding.uplink_too_slow.fix':
    'Choose a smaller picture or a lower bitrate, use a cable, and pause uploads such as backups.',
  'doctor.finding.clock_wrong': 'The clocks differ',
  'doctor.finding.clock_wrong.text':
    'Your device and the server do not agree what time it is. Latency is shown wrongly, and signing in may fail.',
  'doctor.finding.clock_wrong.fix': 'Switch on automatic time in the settings of your device.',
  'doctor.finding.codec_missing': 'This browser cannot handle the stream',
  'doctor.finding.codec_missing.text': 'It lacks the way in which the picture is packed.',
  'doctor.finding.codec_missing.fix': 'Use a current Chrome, Edge, Firefox or Safari.',
  'doctor.finding.codec_limited': 'This browser lacks a common format',
  'doctor.finding.codec_limited.text': 'Some streams will not play here, most will.',
  'doctor.finding.codec_limited.fix':
    'Use a current Chrome, Edge or Safari if a stream stays dark.',
} as const;
