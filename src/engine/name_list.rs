//! Event names in one piece of memory.

use crate::bounds::MAX_RETAINED_CHANGES_BYTES;

/// Names, one behind the other in one string.
#[derive(Debug, Clone, Default)]
pub(crate) struct NameList {
    text: String,
    ends: Vec<usize>,
}

impl NameList {
    /// Removes all names. A buffer of usual size is kept for the next ones.
    pub(crate) fn clear(&mut self) {
        if self.capacity() > MAX_RETAINED_CHANGES_BYTES {
            *self = NameList::default();
        }
        self.text.clear();
        self.ends.clear();
    }

    #[inline]
    pub(crate) fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    /// The name with this index; empty if there is none.
    fn get(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.end(before));
        self.text.get(start..self.end(index)).unwrap_or_default()
    }

    fn end(&self, index: usize) -> usize {
        self.ends.get(index).copied().unwrap_or(0)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.ends.len()).map(|index| self.get(index))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The allocated bytes.
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<usize>()
    }

    /// Keeps the names for which `wanted` answers true.
    pub(crate) fn retain(&mut self, mut wanted: impl FnMut(&str) -> bool) {
        let mut all = std::mem::take(self);
        for name in all.iter().filter(|name| wanted(name)) {
            self.push(name);
        }
        if self.is_empty() {
            all.clear();
            *self = all;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_in_their_order_and_so_does_the_empty_one() {
        let mut names = NameList::default();
        let given = ["", "größe", "a", "", "tap"];
        given.iter().for_each(|name| names.push(name));
        assert!(names.iter().eq(given));
        names.retain(|name| name.len() != 1);
        assert!(names.iter().eq(["", "größe", "", "tap"]));
        assert_eq!(names.get(9), "");
        names.clear();
        assert!(names.is_empty());
    }
}
