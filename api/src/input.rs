//! Checks of input: all that is wrong is told at once.

use std::fmt::Display;
use std::str::FromStr;

use sluice_domain::text::{self, InvalidText};
use sluice_http::FieldError;

use crate::error::ApiError;

/// What is wrong with the fields so far.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldError>);

impl Fields {
    /// Notes something.
    pub(crate) fn wrong(&mut self, field: &str, code: &str, message: impl Display) {
        let mut message = message.to_string();
        if let Some(first) = message.get(..1) {
            message = first.to_uppercase() + &message[1..];
        }
        if !message.ends_with('.') {
            message.push('.');
        }
        self.0.push(FieldError { field: field.to_owned(), code: code.to_owned(), message });
    }

    /// One line that must not be empty.
    pub(crate) fn line(&mut self, field: &str, given: &str, max: usize) -> String {
        let cleaned = text::line(given, max);
        self.cleaned(field, cleaned)
    }

    /// One line that may be absent; an empty one is absent.
    pub(crate) fn optional_line(&mut self, field: &str, given: Option<&str>, max: usize) -> Option<String> {
        match text::line(given?, max) {
            Err(InvalidText::Empty) => None,
            cleaned => Some(self.cleaned(field, cleaned)),
        }
    }

    /// Several lines that may be empty.
    pub(crate) fn paragraph(&mut self, field: &str, given: &str, max: usize) -> String {
        let cleaned = text::paragraph(given, max);
        self.cleaned(field, cleaned)
    }

    fn cleaned(&mut self, field: &str, cleaned: Result<String, InvalidText>) -> String {
        cleaned.unwrap_or_else(|error| {
            let code = match error {
                InvalidText::Empty => "required",
                InvalidText::TooLong { .. } => "too_long",
                InvalidText::Forbidden => "forbidden_characters",
            };
            self.wrong(field, code, error);
            String::new()
        })
    }

    /// A text with a form of its own.
    pub(crate) fn parsed<T>(&mut self, field: &str, given: &str) -> Option<T>
    where
        T: FromStr<Err: Display>,
    {
        given.parse().map_err(|error| self.wrong(field, "malformed", error)).ok()
    }

    /// Characters of a secret, which is taken as it is.
    pub(crate) fn secret(&mut self, field: &str, given: &str, min: usize, max: usize) {
        let length = given.chars().count();
        if length < min {
            self.wrong(field, "too_short", format!("it has fewer than {min} characters"));
        } else if length > max {
            self.wrong(field, "too_long", format!("it has more than {max} characters"));
        }
    }

    /// Characters that a text may have which is looked for and not kept.
    pub(crate) fn at_most(&mut self, field: &str, given: Option<&str>, max: usize) {
        if given.is_some_and(|given| given.chars().count() > max) {
            self.wrong(field, "too_long", format!("it has more than {max} characters"));
        }
    }

    /// A time in UTC milliseconds that people can mean: between the years 1970 and 9999.
    pub(crate) fn time(&mut self, field: &str, given: Option<i64>) {
        if given.is_some_and(|time| !(0..=253_402_300_799_999).contains(&time)) {
            self.wrong(field, "out_of_range", "it is no time in UTC milliseconds");
        }
    }

    /// An absolute address of the web.
    pub(crate) fn url(&mut self, field: &str, given: &str, max: usize) -> String {
        let url = self.line(field, given, max);
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        let plain = |host: &str| {
            let authority = host.split(['/', '?', '#']).next().unwrap_or_default();
            !authority.is_empty() && !authority.contains('@')
        };
        if !url.is_empty() && (url.contains(char::is_whitespace) || !host.is_some_and(plain)) {
            self.wrong(field, "malformed", "it must be an address that begins with https:// or http://");
        }
        url
    }

    /// Nothing was wrong, or all that was.
    pub(crate) fn done(self) -> Result<(), ApiError> {
        if self.0.is_empty() { Ok(()) } else { Err(ApiError::Invalid(self.0)) }
    }

    /// Three values that are all there, or all that was wrong.
    pub(crate) fn all<A, B, C>(
        self,
        (first, second): (Option<A>, Option<B>),
        third: Option<C>,
    ) -> Result<((A, B), C), ApiError> {
        match (first, second, third) {
            (Some(first), Some(second), Some(third)) if self.0.is_empty() => Ok(((first, second), third)),
            _ => Err(ApiError::Invalid(self.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let mut fields = Fields::default();
        fields.line("title", "  ", 10);
        fields.paragraph("bio", "too long by far", 5);
        fields.url("links[0].url", "javascript:alert(1)", 100);
        fields.time("expires_at", Some(-1));
        let Err(ApiError::Invalid(errors)) = fields.done() else { panic!("nothing was wrong") };
        let told: Vec<(&str, &str)> =
            errors.iter().map(|error| (error.field.as_str(), error.code.as_str())).collect();
        let expected = [
            ("title", "required"),
            ("bio", "too_long"),
            ("links[0].url", "malformed"),
            ("expires_at", "out_of_range"),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn addresses_of_the_web_are_taken_and_tricks_are_not() {
        let wrong = |url: &str| {
            let mut fields = Fields::default();
            fields.url("url", url, 300);
            fields.done().is_err()
        };
        assert!(!wrong("https://example.org/a?b#c"));
        for bad in ["https://", "ftp://x", "https://user@x", "data:text/html,x", "https://a b", "//x"] {
            assert!(wrong(bad), "{bad}");
        }
    }
}
