//! JSON text as values.
//!
//! A library would be 15 kB larger in an app. Values borrow from the text, keep the order and the
//! repetition of members, and keep numbers as text.

use std::borrow::Cow;

use crate::bounds::{MAX_JSON_DEPTH, MAX_JSON_VALUES};

/// A value. It borrows from the text where no escape stands in the way.
#[derive(Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    /// A number as it is written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Vec<Member<'a>>),
}

pub(super) type Member<'a> = (Cow<'a, str>, Value<'a>);

/// Reads the value that the whole text is.
///
/// # Errors
/// The line, the column and what is wrong there, as a text.
pub(super) fn parse(text: &str) -> Result<Value<'_>, String> {
    let mut reader = Reader { text, at: 0, depth: 0, values: 0 };
    // Some editors write this mark at the beginning of a file.
    reader.take("\u{feff}");
    let value = reader.document();
    value.map_err(|fault| {
        let before = text.get(..reader.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("not JSON at line {line}, column {column}: {fault}")
    })
}

type Read<T> = Result<T, &'static str>;

/// A position in a text. It always stands between two characters.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How many lists and objects are open.
    depth: usize,
    /// How many values have begun.
    values: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Read<Value<'a>> {
        let value = self.value()?;
        self.skip_space();
        if self.rest().is_empty() { Ok(value) } else { Err("expected the end of the text") }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    /// Takes the characters up to the first that is not accepted.
    fn take_while(&mut self, accepts: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.split(|c| !accepts(c)).next().unwrap_or_default();
        self.at += taken.len();
        taken
    }

    fn skip_space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\n' | '\r' | '\t'));
    }

    fn value(&mut self) -> Read<Value<'a>> {
        self.values += 1;
        if self.values > MAX_JSON_VALUES {
            return Err("the text has more than 131,072 values");
        }
        self.skip_space();
        match self.rest().bytes().next() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::list),
            Some(b'"') => Ok(Value::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Value::Number(self.number()?)),
            _ if self.take("true") => Ok(Value::Bool(true)),
            _ if self.take("false") => Ok(Value::Bool(false)),
            _ if self.take("null") => Ok(Value::Null),
            _ => Err("expected a value"),
        }
    }

    /// Reads what stands in a bracket.
    fn nested(&mut self, read: fn(&mut Self) -> Read<Value<'a>>) -> Read<Value<'a>> {
        if self.depth == MAX_JSON_DEPTH {
            return Err("lists and objects may be nested at most 32 deep");
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn list(&mut self) -> Read<Value<'a>> {
        let mut values = Vec::new();
        self.skip_space();
        if self.take("]") {
            return Ok(Value::List(values));
        }
        loop {
            values.push(self.value()?);
            self.skip_space();
            if self.take("]") {
                values.shrink_to_fit();
                return Ok(Value::List(values));
            }
            if !self.take(",") {
                return Err("expected `,` or `]`");
            }
        }
    }

    fn object(&mut self) -> Read<Value<'a>> {
        let mut members = Vec::new();
        self.skip_space();
        if self.take("}") {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let name = self.string()?;
            self.skip_space();
            if !self.take(":") {
                return Err("expected `:`");
            }
            members.push((name, self.value()?));
            self.skip_space();
            if self.take("}") {
                members.shrink_to_fit();
                return Ok(Value::Object(members));
            }
            if !self.take(",") {
                return Err("expected `,` or `}`");
            }
        }
    }

    fn number(&mut self) -> Read<&'a str> {
        let start = self.at;
        self.take("-");
        if !self.take("0") {
            self.digits()?;
        }
        if self.take(".") {
            self.digits()?;
        }
        if self.take("e") || self.take("E") {
            let _ = self.take("+") || self.take("-");
            self.digits()?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self) -> Read<()> {
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() { Err("expected a digit") } else { Ok(()) }
    }

    fn string(&mut self) -> Read<Cow<'a, str>> {
        if !self.take("\"") {
            return Err("expected a text in double quotes");
        }
        let mut text = Cow::Borrowed("");
        loop {
            // Adding to nothing keeps what is borrowed.
            text += self.take_while(|c| c >= ' ' && c != '"' && c != '\\');
            if self.take("\"") {
                return Ok(text);
            }
            if !self.take("\\") {
                return Err("expected the end of a text; control characters have to be escaped");
            }
            text.to_mut().push(self.escaped()?);
        }
    }

    /// The character of an escape, behind its backslash.
    fn escaped(&mut self) -> Read<char> {
        const SHORT: [(&str, char); 8] = [
            ("\"", '"'),
            ("\\", '\\'),
            ("/", '/'),
            ("b", '\u{8}'),
            ("f", '\u{c}'),
            ("n", '\n'),
            ("r", '\r'),
            ("t", '\t'),
        ];
        if let Some((_, c)) = SHORT.into_iter().find(|(token, _)| self.take(token)) {
            return Ok(c);
        }
        if !self.take("u") {
            return Err("expected one of `\"\\/bfnrtu` behind a backslash");
        }
        let first = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&first) && self.take("\\u") {
            let second = self.hex()?.checked_sub(0xDC00).filter(|low| *low < 0x400);
            second.map(|low| 0x1_0000 + ((first - 0xD800) << 10) + low)
        } else {
            Some(first)
        };
        code.and_then(char::from_u32).ok_or("half of a surrogate pair stands alone")
    }

    fn hex(&mut self) -> Read<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += if number.is_some() { 4 } else { 0 };
        number.ok_or("expected four hexadecimal digits")
    }
}

/// Adds a text in quotes.
pub(super) fn quote(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => to.extend(['\\', c]),
            '\n' => to.push_str("\\n"),
            ..' ' => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => to.push(c),
        }
    }
    to.push('"');
}

#[cfg(test)]
mod tests;
