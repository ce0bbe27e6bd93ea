//! What is kept of broadcasts: who sees it, who changes it, and how it goes and comes back.

use reqwest::Method;
use serde_json::{Value, json};
use sluice_domain::chat::MessageState;
use sluice_domain::{BroadcastId, MediaTime, RecordingId, RecordingState, StreamId};
use sluice_store::{Recording, RecordingNumbers};

use crate::world::{Who, World, worlds};

impl World {
    /// A recording of a stream, of a minute, that can be watched.
    pub(crate) async fn recorded(&self, stream: &str, title: &str, broadcast: BroadcastId) -> RecordingId {
        let (org_id, now) = (self.org, self.accounts.clock().now_ms());
        let id = RecordingId(self.accounts.clock().uuid());
        let recording = Recording::begun(id, (org_id, stream.parse().unwrap()), broadcast, title, (now, now));
        let numbers = RecordingNumbers {
            started_at: now - 60_000,
            ended_at: now,
            duration_ms: 60_000,
            size_bytes: 5_000_000,
            width: Some(1280),
            height: Some(720),
            codec: Some("h264".to_owned()),
            gaps: 0,
        };
        let recordings = self.store.recordings();
        recordings.create(&recording).await.unwrap();
        recordings.set_ended(org_id, recording.id, &numbers).await.unwrap();
        recordings.set_state(org_id, recording.id, RecordingState::Ready, None, now).await.unwrap();
        recordings.set_pictures(org_id, recording.id, true, true).await.unwrap();
        recording.id
    }

    /// A stream of the creator's with a recording of a broadcast that has ended.
    async fn with_recording(&self, name: &str, access: &str) -> (String, BroadcastId, RecordingId) {
        let stream = self.stream(name, access).await["id"].as_str().unwrap().to_owned();
        let broadcast = self.ran(stream.parse::<StreamId>().unwrap()).await;
        let recording = self.recorded(&stream, &format!("Recording of {name}"), broadcast).await;
        (stream, broadcast, recording)
    }
}

async fn titles(world: &World, who: Who, path: &str) -> Vec<String> {
    let list = world.get(who, path).await;
    assert_eq!(list.status, 200, "{path}: {}", list.text);
    let list = list.json();
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

// Requirements: R152
#[tokio::test]
async fn a_recording_is_shown_to_those_who_may_see_its_stream_unless_it_is_private() {
    for world in worlds().await {
        let (stream, broadcast, id) = world.with_recording("garden", "public").await;
        let path = format!("/recordings/{id}");
        let seen = world.get(Who::Nobody, &path).await;
        assert_eq!(seen.status, 200, "{}", seen.text);
        let seen = seen.json();
        assert_eq!((&seen["title"], &seen["state"]), (&json!("Recording of garden"), &json!("ready")));
        assert_eq!(seen["stream"]["name"], "garden");
        assert_eq!((&seen["duration_ms"], &seen["width"]), (&json!(60_000), &json!(1280)));
        assert_eq!(seen["poster_url"], format!("/vod/{id}/poster.jpg"));
        assert!(seen["hls_url"].as_str().unwrap().ends_with(&format!("/vod/{id}/master.m3u8")));
        assert_eq!((&seen["editable"], &seen["download_url"]), (&json!(false), &Value::Null));
        assert_eq!(
            titles(&world, Who::Nobody, "/channels/creator/recordings").await,
            ["Recording of garden"]
        );
        let runs = world.get(Who::Creator, &format!("/streams/{stream}/broadcasts")).await.json();
        let expected = json!({ "id": id.to_string(), "state": "ready", "visibility": "public" });
        assert_eq!(
            (&runs["items"][0]["id"], &runs["items"][0]["recording"]),
            (&json!(broadcast.0), &expected)
        );
        let recent = world.get(Who::Nobody, "/channels/creator").await.json();
        assert_eq!(recent["recent"][0]["recording"], expected);

        for (visibility, others, listed) in
            [("unlisted", 200, false), ("private", 404, false), ("public", 200, true)]
        {
            let change = json!({ "visibility": visibility });
            assert_eq!(world.patch(Who::Creator, &path, "*", change).await.status, 200);
            for who in [Who::Nobody, Who::Viewer, Who::OtherCreator] {
                let answer = world.get(who, &path).await;
                assert_eq!(answer.status, others, "{who:?} {visibility}: {}", answer.text);
                if others == 404 {
                    assert_eq!(answer.code(), "recording_unknown");
                }
            }
            for who in [Who::Creator, Who::Moderator, Who::Admin] {
                assert_eq!(world.get(who, &path).await.status, 200, "{who:?} {visibility}");
            }
            assert_eq!(!titles(&world, Who::Nobody, "/channels/creator/recordings").await.is_empty(), listed);
            let recent = world.get(Who::Nobody, "/channels/creator").await.json();
            assert_eq!(recent["recent"][0]["recording"].is_object(), listed, "{visibility}");
        }
        // Where the stream is nobody's to know of, so is what is kept of it.
        let hidden = json!({ "access": "private" });
        assert_eq!(world.patch(Who::Creator, &format!("/streams/{stream}"), "*", hidden).await.status, 200);
        assert_eq!(world.get(Who::Viewer, &path).await.code(), "recording_unknown");
        assert_eq!(world.get(Who::Creator, &path).await.status, 200);
    }
}

// Requirements: R158
#[tokio::test]
async fn only_the_owner_the_staff_and_subscribers_take_a_recording_along() {
    for world in worlds().await {
        let (_, _, id) = world.with_recording("garden", "public").await;
        let path = format!("/recordings/{id}");
        let downloads = async |who| !world.get(who, &path).await.json()["download_url"].is_null();
        assert!(downloads(Who::Creator).await && downloads(Who::Moderator).await);
        assert!(!downloads(Who::Nobody).await && !downloads(Who::Viewer).await);
        let tier = json!({ "tier": "premium", "tier_expires_at": 4_000_000_000_000_i64 });
        let account = format!("/admin/accounts/{}", world.id(Who::Viewer));
        assert_eq!(world.patch(Who::Admin, &account, "*", tier).await.status, 200);
        assert!(downloads(Who::Viewer).await);
    }
}

#[tokio::test]
async fn a_recording_is_renamed_and_cut_by_its_owner_and_hidden_by_moderators() {
    for world in worlds().await {
        let (_, _, id) = world.with_recording("garden", "public").await;
        let path = format!("/recordings/{id}");
        let read = world.get(Who::Creator, &path).await;
        let change = json!({
            "title": "Owls", "description": "At night", "trim_start_ms": 5000, "trim_end_ms": 50_000,
        });
        let changed = world.patch(Who::Creator, &path, &read.etag(), change).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        let shown = changed.json();
        assert_eq!((&shown["title"], &shown["duration_ms"]), (&json!("Owls"), &json!(45_000)));
        assert_eq!(shown["full_duration_ms"], 60_000);
        let late = world.patch(Who::Creator, &path, &read.etag(), json!({ "title": "x" })).await;
        assert_eq!((late.status.as_u16(), late.code().as_str()), (412, "version_conflict"));
        for (wrong, field) in [
            (json!({ "trim_start_ms": -1 }), "trim_start_ms"),
            (json!({ "trim_start_ms": 60_001 }), "trim_start_ms"),
            (json!({ "trim_end_ms": 60_001 }), "trim_end_ms"),
            (json!({ "trim_start_ms": 49_500 }), "trim_end_ms"),
            (json!({ "title": " " }), "title"),
            (json!({ "delete_after": 5 }), "delete_after"),
        ] {
            let answer = world.patch(Who::Creator, &path, "*", wrong).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["field"]), (422, &json!(field)));
        }
        let whole = json!({ "trim_start_ms": null, "trim_end_ms": null });
        let whole = world.patch(Who::Creator, &path, "*", whole).await.json();
        assert_eq!(whole["duration_ms"], 60_000);
        let renamed = json!({ "title": "x", "visibility": "private" });
        assert_eq!(world.patch(Who::Moderator, &path, "*", renamed).await.code(), "permission_denied");
        let hidden = json!({ "visibility": "private" });
        assert_eq!(world.patch(Who::Moderator, &path, "*", hidden).await.status, 200);
        assert_eq!(world.get(Who::Viewer, &path).await.status, 404);
        let shown = json!({ "visibility": "public" });
        assert_eq!(world.patch(Who::Moderator, &path, "*", shown).await.code(), "permission_denied");
    }
}

// Requirements: R156
#[tokio::test]
async fn a_deleted_recording_is_gone_for_everybody_and_comes_back_within_a_week() {
    for world in worlds().await {
        let (stream, _, id) = world.with_recording("garden", "public").await;
        let path = format!("/recordings/{id}");
        assert_eq!(world.send(Who::Moderator, Method::DELETE, &path, None).await.code(), "permission_denied");
        assert_eq!(world.send(Who::Creator, Method::DELETE, &path, None).await.status, 204);
        for who in [Who::Nobody, Who::Creator, Who::Admin] {
            assert_eq!(world.get(who, &path).await.code(), "recording_unknown", "{who:?}");
        }
        let of_stream = format!("/streams/{stream}/recordings");
        assert!(titles(&world, Who::Creator, &of_stream).await.is_empty());
        let deleted = format!("{of_stream}?deleted=true");
        assert_eq!(titles(&world, Who::Creator, &deleted).await, ["Recording of garden"]);
        let restore = format!("{path}/restore");
        assert_eq!(world.post(Who::Viewer, &restore, json!({})).await.status, 403);
        assert_eq!(world.post(Who::OtherCreator, &restore, json!({})).await.code(), "recording_unknown");
        let back = world.post(Who::Creator, &restore, json!({})).await;
        assert_eq!((back.status.as_u16(), &back.json()["deleted_at"]), (200, &Value::Null), "{}", back.text);
        assert_eq!(world.post(Who::Creator, &restore, json!({})).await.status, 200);
        assert_eq!(titles(&world, Who::Creator, &of_stream).await, ["Recording of garden"]);
        assert_eq!(titles(&world, Who::Admin, "/admin/recordings").await, ["Recording of garden"]);
        assert!(titles(&world, Who::Foreigner, "/admin/recordings").await.is_empty());
    }
}

#[tokio::test]
async fn what_is_still_being_recorded_is_neither_cut_nor_deleted() {
    for world in worlds().await {
        let (stream, _, done) = world.with_recording("garden", "public").await;
        let there = world.store.recordings().by_id(world.org, done).await.unwrap();
        let running = Recording {
            id: RecordingId(world.accounts.clock().uuid()),
            broadcast_id: world.ran(stream.parse().unwrap()).await,
            state: RecordingState::Recording,
            ..there
        };
        world.store.recordings().create(&running).await.unwrap();
        let path = format!("/recordings/{}", running.id);
        let cut = world.patch(Who::Creator, &path, "*", json!({ "trim_start_ms": 1000 })).await;
        assert_eq!((cut.status.as_u16(), cut.code().as_str()), (409, "recording_not_ready"));
        let deleted = world.send(Who::Creator, Method::DELETE, &path, None).await;
        assert_eq!((deleted.status.as_u16(), deleted.code().as_str()), (409, "recording_not_ready"));
        assert_eq!(world.patch(Who::Creator, &path, "*", json!({ "title": "Now" })).await.status, 200);
        assert_eq!(world.get(Who::Nobody, &path).await.json()["hls_url"], Value::Null);
    }
}

#[tokio::test]
async fn chapters_are_set_as_a_whole_and_come_in_their_order() {
    for world in worlds().await {
        let (_, _, id) = world.with_recording("garden", "public").await;
        let path = format!("/recordings/{id}/chapters");
        let set = async |who, chapters: Value| {
            world.send(who, Method::PUT, &path, Some(json!({ "chapters": chapters }))).await
        };
        let given = json!([{ "at_ms": 30_000, "title": "Owls" }, { "at_ms": 0, "title": "Dusk" }]);
        let answer = set(Who::Creator, given).await;
        let expected = json!([{ "at_ms": 0, "title": "Dusk" }, { "at_ms": 30_000, "title": "Owls" }]);
        assert_eq!(answer.json()["chapters"], expected, "{}", answer.text);
        assert_eq!(set(Who::Moderator, json!([])).await.code(), "permission_denied");
        for (wrong, field) in [
            (json!([{ "at_ms": 60_001, "title": "x" }]), "chapters[0].at_ms"),
            (json!([{ "at_ms": 1, "title": "x" }, { "at_ms": 1, "title": "y" }]), "chapters[1].at_ms"),
            (json!([{ "at_ms": 1, "title": "" }]), "chapters[0].title"),
            (json!(vec![json!({ "at_ms": 1, "title": "x" }); 101]), "chapters"),
        ] {
            let answer = set(Who::Creator, wrong).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["field"]), (422, &json!(field)));
        }
        let there = world.get(Who::Nobody, &format!("/recordings/{id}")).await.json();
        assert_eq!(there["chapters"], expected);
    }
}

#[tokio::test]
async fn somebody_goes_on_where_they_stopped_unless_they_keep_no_history() {
    for world in worlds().await {
        let (_, _, id) = world.with_recording("garden", "public").await;
        let (path, whole) = (format!("/recordings/{id}/position"), format!("/recordings/{id}"));
        let put = async |position: i64| {
            let body = json!({ "position_ms": position });
            world.send(Who::Viewer, Method::PUT, &path, Some(body)).await.status.as_u16()
        };
        assert_eq!(put(7000).await, 204);
        assert_eq!(world.get(Who::Viewer, &whole).await.json()["position_ms"], 7000);
        assert_eq!(world.get(Who::Creator, &whole).await.json()["position_ms"], Value::Null);
        assert_eq!((put(-1).await, put(60_001).await), (422, 422));
        assert_eq!(world.send(Who::Viewer, Method::DELETE, "/me/history", None).await.status, 204);
        assert_eq!(world.get(Who::Viewer, &whole).await.json()["position_ms"], Value::Null);
        let mut privacy = world.get(Who::Viewer, "/me").await.json()["privacy"].clone();
        privacy["save_history"] = json!(false);
        let kept = world.patch(Who::Viewer, "/me", "*", json!({ "privacy": privacy })).await;
        assert_eq!(kept.status, 200, "{}", kept.text);
        assert_eq!(put(7000).await, 204);
        assert_eq!(world.get(Who::Viewer, &whole).await.json()["position_ms"], Value::Null);
    }
}

// Requirements: R152
#[tokio::test]
async fn what_was_said_comes_with_its_time_in_the_recording() {
    for world in worlds().await {
        let (stream, broadcast, id) = world.with_recording("garden", "public").await;
        let stream: StreamId = stream.parse().unwrap();
        let author = world.id(Who::Viewer);
        for text in ["one", "two", "three"] {
            world.said(stream, author, text, MessageState::Shown, Some(broadcast)).await;
        }
        world.said(stream, author, "bad", MessageState::Deleted, Some(broadcast)).await;
        world.said(stream, author, "later", MessageState::Shown, None).await;
        let read = async |query: &str| {
            let answer = world.get(Who::Nobody, &format!("/recordings/{id}/chat{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.json()
        };
        let texts = |answer: &Value| -> Vec<String> {
            let items = answer["items"].as_array().unwrap();
            items.iter().map(|item| item["message"]["text"].as_str().unwrap().to_owned()).collect()
        };
        let all = read("").await;
        assert_eq!(
            (texts(&all), &all["more"]),
            (["one", "two", "three"].map(str::to_owned).to_vec(), &json!(false))
        );
        // It was said a minute after the recording began.
        let at = all["items"][0]["at_ms"].as_i64().unwrap();
        assert!((60_000..90_000).contains(&at), "{at}");
        let first = read("?limit=2").await;
        assert_eq!((texts(&first).len(), &first["more"]), (2, &json!(true)));
        let last = first["items"][1]["message"]["id"].as_str().unwrap().to_owned();
        assert_eq!(texts(&read(&format!("?after={last}")).await), ["three"]);
        assert_eq!(texts(&read("?after_ms=30000").await).len(), 3);
        assert!(texts(&read("?after_ms=3600000").await).is_empty());
        for wrong in
            ["?limit=0", "?limit=501", "?after_ms=1&after=00000000-0000-0000-0000-000000000000", "?x=1"]
        {
            let answer = world.get(Who::Nobody, &format!("/recordings/{id}/chat{wrong}")).await;
            assert_eq!(answer.status, 422, "{wrong}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn a_message_is_replayed_at_the_picture_that_its_author_saw() {
    for world in worlds().await {
        let (stream, broadcast, id) = world.with_recording("garden", "public").await;
        let started = world.store.recordings().by_id(world.org, id).await.unwrap().started_at;
        let (stream, author): (StreamId, _) = (stream.parse().unwrap(), world.id(Who::Viewer));
        world.said(stream, author, "look", MessageState::Shown, Some(broadcast)).await;
        let messages = world.store.chat_messages();
        let mut seen = messages.of_broadcast(world.org, broadcast, None, 1).await.unwrap().remove(0);
        let id_of_seen = world.accounts.clock().uuid();
        seen.message.id = sluice_domain::ChatMessageId(id_of_seen);
        seen.message.media_time = Some(MediaTime((started + 1234) * 1000));
        messages.add(&[seen]).await.unwrap();
        let replayed = world.get(Who::Nobody, &format!("/recordings/{id}/chat")).await.json();
        // Ids of the same millisecond are in no order.
        let items = replayed["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["message"]["id"] == json!(id_of_seen)).unwrap();
        assert_eq!(item["at_ms"], 1234, "{replayed}");
    }
}

// Requirements: R136, R156
#[tokio::test]
async fn the_owner_of_a_stream_says_what_is_kept_of_it() {
    for world in worlds().await {
        let stream = world.stream("garden", "public").await;
        let path = format!("/streams/{}", stream["id"].as_str().unwrap());
        assert_eq!(
            (&stream["record"], &stream["recording_visibility"], &stream["keep_recordings_days"]),
            (&json!(true), &json!("public"), &Value::Null)
        );
        let change =
            json!({ "record": false, "recording_visibility": "private", "keep_recordings_days": 30 });
        let changed = world.patch(Who::Creator, &path, "*", change).await.json();
        assert_eq!(
            (&changed["record"], &changed["recording_visibility"], &changed["keep_recordings_days"]),
            (&json!(false), &json!("private"), &json!(30))
        );
        let cleared = world.patch(Who::Creator, &path, "*", json!({ "keep_recordings_days": null })).await;
        assert_eq!(
            (&cleared.json()["record"], &cleared.json()["keep_recordings_days"]),
            (&json!(false), &Value::Null)
        );
        for wrong in [0, 36_501] {
            let answer =
                world.patch(Who::Creator, &path, "*", json!({ "keep_recordings_days": wrong })).await;
            assert_eq!(answer.status, 422, "{}", answer.text);
        }
        let denied = world.patch(Who::Moderator, &path, "*", json!({ "record": true })).await;
        assert_eq!(denied.code(), "permission_denied");
        let off = json!({ "name": "quiet", "title": "Quiet", "record": false });
        assert_eq!(world.post(Who::Creator, "/streams", off).await.json()["record"], false);
    }
}
