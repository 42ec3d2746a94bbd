//! diamond-types. It has text and nothing else.

use crate::engine::TextEngine;
use crate::traces::{Edit, Trace};
use diamond_types::list::encoding::{ENCODE_FULL, ENCODE_PATCH};
use diamond_types::list::operation::Operation;
use diamond_types::list::{ListCRDT, OpLog};
use diamond_types::AgentId;

pub struct Diamond;

pub struct Text {
    list: ListCRDT,
    agent: AgentId,
}

fn open(replica: u64, mut list: ListCRDT) -> Text {
    let agent = list.get_or_create_agent_id(&format!("{replica:016x}"));
    Text { list, agent }
}

fn operations_of(edits: &[Edit]) -> Vec<Operation> {
    let mut operations = Vec::with_capacity(edits.len());
    for edit in edits {
        if edit.erased > 0 {
            operations.push(Operation::new_delete(edit.at..edit.at + edit.erased));
        }
        if !edit.inserted.is_empty() {
            operations.push(Operation::new_insert(edit.at, &edit.inserted));
        }
    }
    operations
}

fn apply_one(text: &mut Text, edit: &Edit) {
    if edit.erased > 0 {
        text.list.delete_without_content(text.agent, edit.at..edit.at + edit.erased);
    }
    if !edit.inserted.is_empty() {
        text.list.insert(text.agent, edit.at, &edit.inserted);
    }
}

impl TextEngine for Diamond {
    type Text = Text;

    const PEER: &'static str = "diamond-types-native 1.0.0";
    const TEXT_ENCODINGS: &'static [&'static str] = &["full"];

    fn create_text(replica: u64) -> Text {
        open(replica, ListCRDT::new())
    }

    fn edit_each(text: &mut Text, edits: &[Edit]) {
        edits.iter().for_each(|edit| apply_one(text, edit));
    }

    fn edit_all(text: &mut Text, edits: &[Edit]) -> bool {
        text.list.apply_local_operations(text.agent, &operations_of(edits));
        true
    }

    fn change(text: &mut Text, edits: &[Edit]) -> Vec<u8> {
        let before = text.list.oplog.local_version();
        Self::edit_each(text, edits);
        text.list.oplog.encode_from(ENCODE_PATCH, &before)
    }

    fn apply_change(text: &mut Text, change: &[u8]) {
        text.list.merge_data_and_ff(change).unwrap();
    }

    /// The log takes all changes, and the text is made of it once.
    fn apply_changes(changes: &[Vec<u8>]) -> Option<Text> {
        let mut oplog = OpLog::new();
        for change in changes {
            oplog.decode_and_add(change).unwrap();
        }
        let branch = oplog.checkout_tip();
        Some(Text { list: ListCRDT { branch, oplog }, agent: 0 })
    }

    fn replay(trace: &Trace) -> Option<Text> {
        let mut oplog = OpLog::new();
        let mut last = Vec::with_capacity(trace.transactions.len());
        for transaction in &trace.transactions {
            let agent = oplog.get_or_create_agent_id(&transaction.agent);
            let parents: Vec<_> = transaction.parents.iter().map(|&parent| last[parent]).collect();
            let operations = operations_of(&transaction.edits);
            last.push(oplog.add_operations_at(agent, &parents, &operations));
        }
        let branch = oplog.checkout_tip();
        Some(Text { list: ListCRDT { branch, oplog }, agent: 0 })
    }

    fn encode_text(text: &mut Text, _encoding: &str) -> Vec<u8> {
        text.list.oplog.encode(ENCODE_FULL)
    }

    fn load_text(bytes: &[u8], _encoding: &str) -> Text {
        Text { list: ListCRDT::load_from(bytes).unwrap(), agent: 0 }
    }

    fn read(text: &Text) -> String {
        text.list.branch.content().to_string()
    }
}
