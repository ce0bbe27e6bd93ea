//! Lists in pages.

use serde_json::{Value, json};

use crate::world::{Who, World, worlds};

async fn walk(world: &World, path: &str, mut between: impl AsyncFnMut(usize)) -> Vec<String> {
    let (mut names, mut cursor, mut number) = (Vec::new(), None::<String>, 0);
    loop {
        let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = world.get(Who::Creator, &format!("{path}{after}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let page = page.json();
        names.extend(page["items"].as_array().unwrap().iter().map(|item| text(&item["name"])));
        match &page["next_cursor"] {
            Value::String(next) => cursor = Some(next.clone()),
            _ => return names,
        }
        number += 1;
        between(number).await;
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_item_is_on_one_page_while_others_come() {
    for world in worlds().await {
        for number in 0..23 {
            world.stream(&format!("page-{number:02}"), "public").await;
        }
        for sort in ["viewers", "recent", "title"] {
            let path = format!("/streams?limit=5&sort={sort}");
            let newcomers = async |number| {
                let name = format!("zz-{sort}-{number}");
                world.stream(&name, "public").await;
            };
            let names = walk(&world, &path, newcomers).await;
            let mut paged: Vec<_> = names.iter().filter(|name| name.starts_with("page-")).collect();
            paged.sort_unstable();
            let before = paged.len();
            paged.dedup();
            assert_eq!((before, paged.len()), (23, 23), "{sort}: {names:?}");
        }
    }
}

#[tokio::test]
async fn a_cursor_that_was_changed_or_is_of_another_list_is_refused_or_harmless() {
    for world in worlds().await {
        for number in 0..4 {
            world.stream(&format!("cut-{number}"), "public").await;
        }
        let page = world.get(Who::Nobody, "/streams?limit=2&sort=title").await.json();
        let cursor = text(&page["next_cursor"]);
        let mut bad = vec!["x".to_owned(), "e30".to_owned(), cursor[..cursor.len() - 3].to_owned()];
        bad.push(format!("{cursor}AAAA"));
        for cursor in bad {
            let answer = world.get(Who::Nobody, &format!("/streams?sort=title&cursor={cursor}")).await;
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (422, "invalid_input"), "{cursor}");
        }
        // By title it is a text, by viewers a number.
        let other = world.get(Who::Nobody, &format!("/streams?sort=viewers&cursor={cursor}")).await;
        assert_eq!((other.status.as_u16(), other.code().as_str()), (422, "invalid_input"));
        for path in ["/me/activity", "/me/history", "/me/follows", "/me/library"] {
            let answer = world.get(Who::Creator, &format!("{path}?cursor={cursor}")).await;
            assert!([200, 422].contains(&answer.status.as_u16()), "{path}: {}", answer.text);
        }
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        assert_eq!(world.get(Who::Nobody, "/streams?limit=100").await.json()["next_cursor"], json!(null));
    }
}
