//! A JSON parser for small documents.

use crate::bounds::MAX_JSON_DEPTH;
use crate::error::{Error, Result};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool,
    /// A number as it is written.
    Number(String),
    String(String),
    Array(Vec<Value>),
    /// Each key occurs once.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// # Errors
    /// `InvalidArgument` for text that is not one JSON value, nests too deep, or repeats a key.
    pub(super) fn parse(text: &str) -> Result<Value> {
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.skip_space();
        if parser.at < text.len() { Err(parser.expected("the end of the text")) } else { Ok(value) }
    }
}

struct Parser<'t> {
    text: &'t str,
    /// The byte that comes next.
    at: usize,
}

impl<'t> Parser<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Skips space and then a token, if it comes next.
    fn take(&mut self, token: &str) -> bool {
        self.skip_space();
        let is_next = self.rest().starts_with(token);
        self.at += if is_next { token.len() } else { 0 };
        is_next
    }

    fn expected(&self, what: &str) -> Error {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        Error::InvalidArgument(format!("not JSON: expected {what} in line {line}, column {column}"))
    }

    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > MAX_JSON_DEPTH {
            return Err(self.expected("fewer nested values"));
        }
        if self.take("{") {
            self.object(depth)
        } else if self.take("[") {
            self.array(depth)
        } else if self.take("\"") {
            self.string().map(Value::String)
        } else if self.take("true") || self.take("false") {
            Ok(Value::Bool)
        } else if self.take("null") {
            Ok(Value::Null)
        } else {
            self.number()
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        if self.take("}") {
            return Ok(Value::Object(entries));
        }
        let mut keys = std::collections::HashSet::new();
        loop {
            if !self.take("\"") {
                return Err(self.expected("a key"));
            }
            let key = self.string()?;
            if !keys.insert(key.clone()) {
                return Err(self.expected("each key only once, before this"));
            }
            if !self.take(":") {
                return Err(self.expected("\":\""));
            }
            entries.push((key, self.value(depth + 1)?));
            if self.take("}") {
                return Ok(Value::Object(entries));
            }
            if !self.take(",") {
                return Err(self.expected("\",\" or \"}\""));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value> {
        let mut values = Vec::new();
        if self.take("]") {
            return Ok(Value::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            if self.take("]") {
                return Ok(Value::Array(values));
            }
            if !self.take(",") {
                return Err(self.expected("\",\" or \"]\""));
            }
        }
    }

    /// A string, after its first quotation mark.
    fn string(&mut self) -> Result<String> {
        let mut string = String::new();
        loop {
            let Some(letter) = self.rest().chars().next() else { return Err(self.expected("\"\\\"\"")) };
            if letter < ' ' {
                return Err(self.expected("no control character in a string"));
            }
            self.at += letter.len_utf8();
            match letter {
                '"' => return Ok(string),
                '\\' => string.push(self.escape()?),
                letter => string.push(letter),
            }
        }
    }

    /// An escaped character, after the backslash.
    fn escape(&mut self) -> Result<char> {
        let letter = self.rest().chars().next().unwrap_or(' ');
        let escaped = match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                self.at += 1;
                return self.unicode();
            }
            _ => return Err(self.expected("a character that may be escaped")),
        };
        self.at += 1;
        Ok(escaped)
    }

    /// One or two groups of four hexadecimal digits.
    fn unicode(&mut self) -> Result<char> {
        let first = self.hex()?;
        if let Some(letter) = char::from_u32(first) {
            return Ok(letter);
        }
        let is_high = (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u");
        if is_high {
            self.at += 2;
            let second = self.hex()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).ok_or_else(|| self.expected("a character"));
            }
        }
        Err(self.expected("a whole surrogate pair before this"))
    }

    fn hex(&mut self) -> Result<u32> {
        let digits =
            self.rest().get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let code = code.ok_or_else(|| self.expected("four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }

    fn number(&mut self) -> Result<Value> {
        let is_part = |letter: char| letter.is_ascii_digit() || "+-.eE".contains(letter);
        let rest = self.rest();
        let number = &rest.get(..rest.len() - rest.trim_start_matches(is_part).len()).unwrap_or_default();
        if !is_number(number) {
            return Err(self.expected("a value"));
        }
        self.at += number.len();
        Ok(Value::Number((*number).to_owned()))
    }
}

/// Whether a text is a number as JSON has it.
fn is_number(text: &str) -> bool {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, "0"), |parts| parts);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let has_leading_zero = whole.len() > 1 && whole.starts_with('0');
    is_digits(whole) && !has_leading_zero && is_digits(fraction) && is_digits(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_json_has_them() {
        let text = " { \"a\" : [ 1, -0.5e+3, true, null, \"\\u00fc\\ud83d\\ude00\\n/\" ], \"\": {} } ";
        let number = |text: &str| Value::Number(text.into());
        let items =
            vec![number("1"), number("-0.5e+3"), Value::Bool, Value::Null, Value::String("ü😀\n/".into())];
        let expected = vec![("a".into(), Value::Array(items)), (String::new(), Value::Object(vec![]))];
        assert_eq!(Value::parse(text).unwrap(), Value::Object(expected));
    }

    #[test]
    fn a_number_is_one_of_json() {
        for number in ["0", "-0", "10", "1.50", "1e5", "1E-5", "-12.5e+06"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "1.2.3", "--1", "1-1", "e5"] {
            assert!(!is_number(other), "{other}");
        }
    }
}
