//! Tables as CSV (RFC 4180).

/// A row.
pub(crate) fn row<const CELLS: usize>(cells: [String; CELLS]) -> String {
    cells.map(|text| cell(&text)).join(",") + "\r\n"
}

/// A cell. What a spreadsheet would take for a formula begins with an apostrophe.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_a_formula_or_another_column() {
        let cells = ["Ann", "=1+1", "a,\"b\"", "two\r\nlines", ""].map(str::to_owned);
        assert_eq!(row(cells), "Ann,'=1+1,\"a,\"\"b\"\"\",\"two\r\nlines\",\r\n");
    }
}
