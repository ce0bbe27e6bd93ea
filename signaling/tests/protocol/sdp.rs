//! Reads SDP just enough to ask questions about answers.

/// One m-section.
pub(crate) struct Section<'a> {
    pub(crate) media: &'a str,
    pub(crate) lines: Vec<&'a str>,
}

impl<'a> Section<'a> {
    /// The first word of the m-line without `m=`.
    pub(crate) fn kind(&self) -> &'a str {
        self.media.split(' ').next().unwrap().trim_start_matches("m=")
    }

    pub(crate) fn port(&self) -> &'a str {
        self.media.split(' ').nth(1).unwrap()
    }

    pub(crate) fn has(&self, line: &str) -> bool {
        self.lines.contains(&line)
    }

    /// Values of the attributes of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<&'a str> {
        values(&self.lines, name)
    }

    pub(crate) fn mid(&self) -> &'a str {
        self.all("mid").first().copied().unwrap_or_default()
    }

    pub(crate) fn is_media(&self) -> bool {
        matches!(self.kind(), "audio" | "video")
    }
}

/// Lines before the first m-line.
pub(crate) fn session(sdp: &str) -> Vec<&str> {
    sdp.lines().take_while(|line| !line.starts_with("m=")).collect()
}

/// The m-sections.
pub(crate) fn sections(sdp: &str) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    for line in sdp.lines() {
        if line.starts_with("m=") {
            sections.push(Section { media: line, lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    sections
}

/// Values of the attributes of this name anywhere.
pub(crate) fn all<'a>(sdp: &'a str, name: &str) -> Vec<&'a str> {
    values(&sdp.lines().collect::<Vec<_>>(), name)
}

fn values<'a>(lines: &[&'a str], name: &str) -> Vec<&'a str> {
    let prefix = format!("a={name}:");
    lines.iter().filter_map(|line| line.strip_prefix(prefix.as_str())).collect()
}

/// The sections whose media kind passes, with everything before them. BUNDLE is left as it is.
pub(crate) fn only(sdp: &str, kind: &str) -> String {
    let mut kept: String = session(sdp).iter().map(|line| format!("{line}\r\n")).collect();
    for section in sections(sdp).iter().filter(|section| section.kind() == kind) {
        kept.push_str(section.media);
        kept.push_str("\r\n");
        section.lines.iter().for_each(|line| kept.push_str(&format!("{line}\r\n")));
    }
    kept
}
