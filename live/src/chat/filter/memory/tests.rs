//! What counts as said before.

use super::*;

fn marks(text: &str) -> Marks {
    Marks::new(&Reading::new(text))
}

fn at(seconds: u64) -> impl Fn(Instant) -> Instant {
    move |start| start + Duration::from_secs(seconds)
}

fn hear(memory: &mut Memory, start: Instant, second: u64, writer: u64, text: &str) -> Echo {
    memory.hear(Writer::Guest(writer), false, marks(text), at(second)(start))
}

// Requirements: R203, R204
#[test]
fn a_text_that_many_write_with_small_changes_is_heard() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    let texts = [
        "come and visit our server it is great 17",
        "COME and visit our server, it is great!!",
        "come and v1sit our server it is great xq",
        "come and visit our server it is so great",
    ];
    for (n, text) in texts.iter().enumerate() {
        let echo = hear(&mut memory, start, n as u64, n as u64, text);
        assert_eq!(echo, Echo { others: n as u32, own: 0, burst: 0 }, "{text}");
    }
}

#[test]
fn one_writer_counts_once_and_not_as_another() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    for second in 0..3 {
        let echo = hear(&mut memory, start, second, 1, "the same long text again and again");
        assert_eq!(echo, Echo { others: 0, own: second as u32, burst: second as u32 });
    }
    assert_eq!(hear(&mut memory, start, 4, 2, "the same long text again and again").others, 1);
}

#[test]
fn what_regulars_repeat_is_no_echo() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    for writer in 0..9 {
        let marks = marks("the captain says this boat is a potato");
        assert_eq!(memory.hear(Writer::Guest(writer), true, marks, start).others, 0);
    }
}

#[test]
fn what_everybody_says_at_once_is_no_echo() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    for writer in 0..9 {
        for text in ["gg", "LUL LUL LUL", "lets go", "hahahahahahaha", "👏👏👏👏"] {
            assert_eq!(hear(&mut memory, start, 1, writer, text).others, 0, "{text}");
        }
    }
}

#[test]
fn what_is_old_or_other_is_no_echo() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    hear(&mut memory, start, 0, 1, "come and visit our server it is great");
    assert_eq!(hear(&mut memory, start, 1, 2, "what a great match that was today").others, 0);
    assert_eq!(hear(&mut memory, start, 121, 3, "come and visit our server it is great").others, 0);
}

#[test]
fn only_so_much_is_remembered() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    for n in 0..2000 {
        hear(&mut memory, start, 0, n, "a text of more than four words");
    }
    assert_eq!(memory.said.len(), MAX_REMEMBERED);
}

#[test]
fn a_clock_that_goes_back_is_no_matter() {
    let (mut memory, start) = (Memory::new(), Instant::now());
    hear(&mut memory, start, 60, 1, "come and visit our server it is great");
    assert_eq!(hear(&mut memory, start, 0, 2, "come and visit our server it is great").others, 1);
}
