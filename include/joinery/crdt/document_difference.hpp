#pragma once

// Needs the whole of document_node, which includes this file at its end.
#include <joinery/crdt/document_node.hpp>
#include <joinery/crdt/dot_store_decomposition.hpp>
#include <joinery/crdt/dot_store_difference.hpp>
#include <joinery/crdt/forget_resets.hpp>

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace joinery::detail {

// Templates, so that only who calls them compiles what lists and texts need for them. They are
// declared first because the maps of a node hold nodes.
template <std::same_as<document_node> Node>
bool subtract(Node& out, Node const* ours, Node const* theirs, difference_frame& f);
template <std::same_as<document_node> Node>
void speak_for(Node& out, Node const* ours, causal_root& root);
template <std::same_as<document_node> Node>
void decompose_at(Node const& node, part_place<Node>& at, decomposition& f);
inline void forget_resets(document_node& node, std::uint64_t seed);

template <std::same_as<document_sequences> Sequences>
bool subtract(Sequences& out, Sequences const* ours, Sequences const* theirs, difference_frame& f) {
    using parts = typename Sequences::parts;
    auto const* const mine = ours == nullptr ? nullptr : ours->get();
    auto const* const other = theirs == nullptr ? nullptr : theirs->get();
    if (mine == nullptr && other == nullptr) {
        return false;
    }
    auto& made = out.open();
    auto const part = [&](auto parts::*member) {
        return subtract(made.*member, mine == nullptr ? nullptr : &(mine->*member),
                        other == nullptr ? nullptr : &(other->*member), f);
    };
    auto is_new = part(&parts::list_presence);
    is_new = part(&parts::text_presence) || is_new;
    is_new = part(&parts::order) || is_new;
    is_new = part(&parts::text) || is_new;
    is_new = part(&parts::elements) || is_new;
    if (!is_new) {
        out = Sequences{};
    }
    return is_new;
}
template <std::same_as<document_sequences> Sequences>
void speak_for(Sequences& out, Sequences const* ours, causal_root& root) {
    auto const* const mine = ours == nullptr ? nullptr : ours->get();
    if (mine != nullptr) {
        out.open();
    }
    if (auto* const made = out.get()) {
        speak_for(made->order, mine == nullptr ? nullptr : &mine->order, root);
        speak_for(made->text, mine == nullptr ? nullptr : &mine->text, root);
        speak_for(made->elements, mine == nullptr ? nullptr : &mine->elements, root);
        out.close();
    }
}

/// What stands in one place beside registers, part by part: `subtract_more` for the branch of a
/// node that is not only registers on both sides.
template <std::same_as<document_node::branch> Branch>
bool subtract_more(Branch& out, Branch const* ours, Branch const* theirs, difference_frame& f) {
    auto const part = [&](auto Branch::*member) {
        return subtract(out.*member, ours == nullptr ? nullptr : &(ours->*member),
                        theirs == nullptr ? nullptr : &(theirs->*member), f);
    };
    auto is_new = part(&Branch::map_presence);
    is_new = part(&Branch::set_presence) || is_new;
    is_new = part(&Branch::fields) || is_new;
    is_new = part(&Branch::members) || is_new;
    is_new = part(&Branch::removals) || is_new;
    is_new = part(&Branch::updates) || is_new;
    is_new = part(&Branch::sequences) || is_new;
    return part(&Branch::counter) || is_new;
}

/// The product rule, component by component.
template <std::same_as<document_node> Node>
bool subtract(Node& out, Node const* ours, Node const* theirs, difference_frame& f) {
    document_registers registers;
    auto const is_new = subtract(registers, ours == nullptr ? nullptr : &ours->registers(),
                                 theirs == nullptr ? nullptr : &theirs->registers(), f);
    auto const* const mine = ours == nullptr ? nullptr : ours->more();
    auto const* const other = theirs == nullptr ? nullptr : theirs->more();
    if (mine != nullptr || other != nullptr) {
        typename Node::branch more;
        if (subtract_more(more, mine, other, f)) {
            more.registers = std::move(registers);
            out.open() = std::move(more);
            return true;
        }
    }
    out.registers() = std::move(registers);
    return is_new;
}

template <std::same_as<document_node> Node>
void speak_for(Node& out, Node const* ours, causal_root& root) {
    auto const* const mine = ours == nullptr ? nullptr : ours->more();
    if (mine != nullptr) {
        out.open();
    }
    if (auto* const more = out.more()) {
        speak_for(more->fields, mine == nullptr ? nullptr : &mine->fields, root);
        speak_for(more->members, mine == nullptr ? nullptr : &mine->members, root);
        speak_for(more->sequences, mine == nullptr ? nullptr : &mine->sequences, root);
        out.close();
    }
}

/// The registers of a node, and each part of its branch, in the part that is being built.
class registers_place final : public part_place<document_registers> {
public:
    explicit registers_place(part_place<document_node>& node) : node_{node} {}
    document_registers& touch() override { return node_.touch().registers(); }

private:
    part_place<document_node>& node_;
};

template <class Store>
class branch_place final : public part_place<Store> {
public:
    branch_place(part_place<document_node>& node, Store document_node::branch::*member)
        : node_{node}, member_{member} {}
    Store& touch() override {
        auto& more = node_.touch().open();
        more.fields.make_partial();
        more.members.make_partial();
        return more.*member_;
    }

private:
    part_place<document_node>& node_;
    Store document_node::branch::*member_;
};

template <class Store>
class sequences_place final : public part_place<Store> {
public:
    sequences_place(part_place<document_node>& node, Store document_sequences::parts::*member)
        : node_{node}, member_{member} {}
    Store& touch() override {
        auto& more = node_.touch().open();
        more.fields.make_partial();
        more.members.make_partial();
        auto& parts = more.sequences.open();
        parts.elements.make_partial();
        return parts.*member_;
    }

private:
    part_place<document_node>& node_;
    Store document_sequences::parts::*member_;
};

template <std::same_as<document_sequences> Sequences>
void decompose_sequences(Sequences const& sequences, part_place<document_node>& at,
                         decomposition& f) {
    if (auto const* const whole = sequences.get()) {
        using parts = typename Sequences::parts;
        auto const part = [&](auto parts::*member) {
            sequences_place<std::remove_cvref_t<decltype(whole->*member)>> place{at, member};
            decompose_at(whole->*member, place, f);
        };
        part(&parts::list_presence);
        part(&parts::text_presence);
        part(&parts::order);
        part(&parts::text);
        part(&parts::elements);
    }
}

template <std::same_as<document_node> Node>
void decompose_at(Node const& node, part_place<Node>& at, decomposition& f) {
    registers_place registers{at};
    decompose_at(node.registers(), registers, f);
    if (auto const* const more = node.more()) {
        using branch = typename Node::branch;
        auto const part = [&](auto branch::*member) {
            branch_place<std::remove_cvref_t<decltype(more->*member)>> place{at, member};
            decompose_at(more->*member, place, f);
        };
        part(&branch::map_presence);
        part(&branch::set_presence);
        part(&branch::fields);
        part(&branch::members);
        part(&branch::counter);
        part(&branch::removals);
        part(&branch::updates);
        decompose_sequences(more->sequences, at, f);
    }
}

inline void forget_resets(document_node& node, std::uint64_t seed) {
    if (auto* const more = node.more()) {
        more->counter.forget_resets();
        forget_resets(more->fields, seed);
        if (auto* const sequences = more->sequences.get()) {
            forget_resets(sequences->elements, seed);
        }
        node.close();
    }
}

} // namespace joinery::detail
