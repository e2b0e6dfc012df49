//! Pages of people: what they say about themselves, their pictures, and finding people by it.

use crate::bytes::Bytes;
use crate::mend::{Mend, fit, id};
use crate::people::{PersonView, User};
use crate::ui_events::Row;
use guildhall_market::ids::{AttachmentId, UserId};
use guildhall_market::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ts_rs::TS;
use utoipa::ToSchema;

/// The rows of this feature in the tables.
#[macro_export]
macro_rules! profiles_rows {
    (commands $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { commands $with [$($rows)*
            /// Somebody's page. Without a link as it was seen last.
            profile_get($crate::people::PersonRef) -> $crate::profiles::ProfileView as person;
            /// Changes what one says about oneself. Works without a link, too.
            profile_set($crate::profiles::ProfileSet) -> $crate::profiles::ProfileView as person;
            /// Changes one's own picture. Works without a link, too.
            profile_picture($crate::profiles::PictureSet) -> $crate::profiles::ProfileView as person;
            /// Adds a picture of one's work, or changes what stands under it. Works without a link, too.
            work_set($crate::profiles::WorkSet) -> $crate::profiles::ProfileView as person;
            /// Puts the pictures of one's work in this order. Works without a link, too.
            work_order($crate::profiles::WorkOrder) -> $crate::profiles::ProfileView as person;
            /// Takes a picture of one's work off one's page. Works without a link, too.
            work_delete($crate::profiles::WorkRef) -> $crate::profiles::ProfileView as person;
            /// A picture of a page, from this device or from the server.
            picture_get($crate::profiles::PictureRef) -> $crate::attachments::AttachmentContent as person;
            /// Finds people by words of their name, trade and place. Without a link, among those one writes with.
            people_find($crate::profiles::PeopleFind) -> $crate::profiles::PeoplePage as person;
        ] $($rest)* }
    };
    (events $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { events $with [$($rows)*
            /// One's own page changed. To all of one's devices.
            PROFILE_UPDATED = "profile.updated": $crate::profiles::Profile, on user, in the feed;
            /// Name, trade, picture or mark of somebody one writes with changed.
            PERSON_UPDATED = "person.updated": $crate::profiles::PersonUpdated, on user, in the feed;
        ] $($rest)* }
    };
    (rows $with:ident [$($rows:tt)*] $($rest:ident)*) => {
        $crate::gather! { rows $with [$($rows)*
            /// Pages changed. By person.
            Profiles profiles ($crate::profiles::ProfileView);
        ] $($rest)* }
    };
    ($kind:ident $($then:tt)*) => {
        $crate::gather! { $kind $($then)* }
    };
}

/// Somebody's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Profile {
    /// The person.
    #[serde(flatten)]
    pub user: User,
    /// What they say about themselves.
    #[serde(default)]
    pub words: Option<String>,
    /// Languages that they speak, in their order.
    #[serde(default)]
    pub languages: Vec<String>,
    /// What of them was proved: `identity`.
    #[serde(default)]
    pub marks: Vec<String>,
    /// Pictures of their work, in their order.
    #[serde(default)]
    pub works: Vec<Work>,
}

impl Mend for Profile {
    fn mend(row: &Value) -> Option<Self> {
        let base = json!({"id": id(row, ["id", "user_id"])?, "name": "?", "avatar": null});
        fit(base, row).map(|(profile, _)| profile)
    }
}

/// A picture of work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Work {
    /// What whoever added it calls it.
    pub key: String,
    /// What stands under it.
    pub title: Option<String>,
    /// The picture: a file that every member may fetch.
    #[schema(value_type = i64)]
    pub attachment_id: AttachmentId,
}

/// Somebody's review of work that was done for them. There are none before a job has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// Who wrote it.
    pub author: crate::people::Party,
    /// 1 to 5.
    pub stars: i64,
    /// In their words.
    pub words: Option<String>,
    /// When.
    pub created_at: crate::wire_time::WireTime,
}

/// `PATCH /api/user`. What is left out stays; what is empty goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ProfilePatch {
    /// 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One line of at most 60 characters. Empty: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade: Option<String>,
    /// At most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// One line of at most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// At most 8 names of at most 40 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub languages: Option<Vec<String>>,
}

/// `PUT /api/user/works/{key}`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkPut {
    /// A picture that was uploaded and not sent. May be left out where there is one of this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>)]
    pub attachment_id: Option<AttachmentId>,
    /// One line of at most 80 characters.
    #[serde(default)]
    pub title: Option<String>,
    /// Pictures stand in the order of this number.
    #[serde(default)]
    pub position: i64,
}

/// `person.updated`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PersonUpdated {
    /// Who.
    #[schema(value_type = i64)]
    pub id: UserId,
    /// The name, or "Deleted user".
    pub name: String,
    /// Address of a picture.
    #[serde(default)]
    pub avatar: Option<String>,
    /// The trade of an artisan.
    #[serde(default)]
    pub craft: Option<String>,
    /// Whether their identity was verified.
    #[serde(default)]
    pub verified: bool,
}

/// `GET /api/users`
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FoundPeople {
    /// Those whom the server vouches for first, then by name. At most 20.
    pub data: Vec<User>,
    /// There are more: they come with `after` set to this.
    #[serde(default)]
    pub next: Option<String>,
}

/// The address of a picture on a server of ours, from which its number can be read.
pub fn picture_address(id: AttachmentId) -> String {
    format!("/api/attachments/{id}")
}

/// The number of a picture from its address. `None` for an address elsewhere: nothing is fetched from there.
pub fn picture_id(address: &str) -> Option<AttachmentId> {
    let number = address.strip_prefix("/api/attachments/")?;
    guildhall_market::ids::parse_plain_decimal(number).map(AttachmentId)
}

/// Somebody's page in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct ProfileView {
    /// Who.
    pub person: PersonView,
    /// What they say about themselves.
    pub words: Option<String>,
    /// Languages that they speak.
    pub languages: Vec<String>,
    /// What of them was proved: `identity`.
    pub marks: Vec<String>,
    /// Pictures of their work.
    pub works: Vec<WorkView>,
    /// Since when they are here.
    pub joined_at: Option<Timestamp>,
    /// It is one's own.
    pub mine: bool,
    /// It was changed here, and the server does not know yet.
    pub waiting: bool,
    /// One's own picture was changed here, and the server does not have it yet: `true` for a new one. Absent: it was not.
    pub picture_waiting: Option<bool>,
}

impl Row for ProfileView {
    type Key = UserId;

    fn key(&self) -> UserId {
        self.person.id
    }
}

/// A picture of work in the interface.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct WorkView {
    /// What whoever added it calls it.
    pub key: String,
    /// What stands under it.
    pub title: Option<String>,
    /// The picture at the server. Absent while it is only here: it is fetched by its key.
    pub picture: Option<AttachmentId>,
    /// It was changed here, and the server does not know yet.
    pub waiting: bool,
}

/// `profile_set`: what is left out stays, what is empty goes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct ProfileSet {
    /// 1 to 100 characters.
    pub name: Option<String>,
    /// One line of at most 60 characters.
    pub trade: Option<String>,
    /// At most 1,000 characters.
    pub words: Option<String>,
    /// One line of at most 80 characters.
    pub place: Option<String>,
    /// At most 8 names of at most 40 characters.
    pub languages: Option<Vec<String>>,
}

/// `profile_picture`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct PictureSet {
    /// A JPEG, PNG or WebP file of at most 1 MiB. Absent: none any more.
    pub bytes: Option<Bytes>,
}

/// `work_set`
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct WorkSet {
    /// Which. Absent: a new one.
    pub key: Option<String>,
    /// One line of at most 80 characters.
    pub title: String,
    /// A JPEG, PNG or WebP file of at most 2 MiB. Absent: it stays.
    pub bytes: Option<Bytes>,
}

/// `work_order`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkOrder {
    /// The keys of all, in the new order.
    pub keys: Vec<String>,
}

/// `work_delete`
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct WorkRef {
    /// Which.
    pub key: String,
}

/// `picture_get`: a picture by its number once the server has it, else by the key of the work, or `avatar`.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
pub struct PictureRef {
    /// The server's id.
    pub id: Option<AttachmentId>,
    /// The key on this device.
    pub key: Option<String>,
}

/// `people_find`
#[derive(Clone, Debug, Default, Serialize, Deserialize, TS)]
pub struct PeopleFind {
    /// Words of name, trade and place.
    pub q: String,
    /// Words of the trade.
    pub trade: String,
    /// Words of the place.
    pub place: String,
    /// Only people with a trade.
    pub artisans: bool,
    /// Go on from here: `next` of the page before.
    pub after: Option<String>,
}

/// People who were found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PeoplePage {
    /// Those whom the server vouches for first, then by name.
    pub rows: Vec<PersonView>,
    /// There are more.
    pub next: Option<String>,
    /// The server was asked. Otherwise only those are here with whom one writes.
    pub everybody: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_of_the_server_have_a_number() {
        assert_eq!(picture_id(&picture_address(AttachmentId(42))), Some(AttachmentId(42)));
        for elsewhere in
            ["https://example.com/api/attachments/42", "/api/attachments/", "/api/attachments/042", "/a/42"]
        {
            assert_eq!(picture_id(elsewhere), None, "{elsewhere}");
        }
    }
}
