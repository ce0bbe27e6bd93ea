//! Enumerations that are stored and sent as one word.

/// Makes an enum whose variants are words: `as_str`, `ALL`, `Display`, `FromStr` and serde all use the
/// word that is written behind the variant, so that a database, a URL and JSON say the same.
macro_rules! words {
    ($($(#[doc = $doc:literal])* pub enum $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every one, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $crate::word::schema(Self::ALL.iter().map(|word| word.as_str()), &[$($doc),*])
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)* _ => Err($crate::word::UnknownWord) }
            }
        }
    )*};
}

pub(crate) use words;

/// The schema of an enumeration: a text that is one of its words.
#[cfg(feature = "openapi")]
pub(crate) fn schema<'a>(
    words: impl Iterator<Item = &'a str>,
    description: &[&str],
) -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    let lines: Vec<&str> = description.iter().map(|line| line.trim()).collect();
    let builder = utoipa::openapi::schema::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .description(Some(lines.join(" ")))
        .enum_values(Some(words));
    builder.into()
}

/// A text that is none of the words of an enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is none of the known words")]
pub struct UnknownWord;
