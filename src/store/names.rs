//! Names of events in one piece of memory.

/// Names, one behind the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a name and says in which place.
    #[inline]
    pub(crate) fn push(&mut self, name: &str) -> usize {
        self.text.push_str(name);
        self.ends.push(self.text.len());
        self.ends.len() - 1
    }

    /// The name, where there is one only.
    #[inline]
    pub(crate) fn only(&self) -> &str {
        &self.text
    }

    /// The name in a place.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> &str {
        let begin = place.checked_sub(1).map_or(0, |before| self.end(before));
        self.text.get(begin..self.end(place)).unwrap_or_default()
    }

    #[inline]
    fn end(&self, place: usize) -> usize {
        self.ends.get(place).copied().unwrap_or(0)
    }

    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.ends.len()).map(|place| self.get(place))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// For how many bytes there is room, those that say where names end included.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    /// Keeps those that are wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        let all = std::mem::take(self);
        for name in all.iter().filter(|name| wanted(name)) {
            self.push(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_they_were_the_empty_one_too() {
        let mut names = Names::default();
        let given = ["", "größe", "a", "", "tap"];
        for (place, name) in given.iter().enumerate() {
            assert_eq!(names.push(name), place);
        }
        assert!(names.iter().eq(given));
        names.retain(|name| name.len() != 1);
        assert!(names.iter().eq(["", "größe", "", "tap"]));
        assert_eq!(names.get(9), "");
        names.clear();
        assert!(names.is_empty());
    }
}
