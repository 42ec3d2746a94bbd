#pragma once

#include <joinery/core/author.hpp>
#include <joinery/core/lattice.hpp>
#include <joinery/core/record.hpp>
#include <joinery/testing/edited.hpp>
#include <joinery/testing/generate.hpp>
#include <joinery/testing/random.hpp>
#include <joinery/testing/text_of.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace joinery::testing {

/// A random call of an editor of `T`. Specialize it for a type whose editor has other mutators:
/// `template <class Editor> static std::string change(Editor& editor, splitmix64& random)` makes
/// one call and returns how it reads, "insert(x)". What it does depends on `random` alone.
///
/// Here: editors with `insert` and `erase`, `increment`, `decrement` and `reset`, `assign` and
/// `clear`, `enable` and `disable`, `raise`, `lower`; those of lists, text, maps, records and
/// documents.
template <class T>
struct random_change;

namespace detail {

/// The type of the elements of `some_set<Element>` or the values of `some_register<Value>`.
template <class T>
struct first_argument {};
template <template <class...> class Template, class First, class... Rest>
struct first_argument<Template<First, Rest...>> {
    using type = First;
};
template <class T>
using element_of = typename first_argument<T>::type;

inline std::string call_of(std::string_view verb, std::string const& argument = {}) {
    return std::string{verb} + '(' + argument + ')';
}

/// Amounts are small most of the time, so that sums stay within their range.
inline std::uint32_t amount(splitmix64& random) {
    return static_cast<std::uint32_t>(random.below(random.chance(10) ? 1'000'000 : 5));
}

template <class Editor>
concept counts = requires(Editor& editor) {
    editor.increment(1U);
};
template <class Editor>
concept switches = requires(Editor& editor) {
    editor.enable();
    editor.disable();
};
template <class Editor>
concept edits_documents = requires(Editor& editor) {
    editor.set("a", 1);
    editor.make_set("a");
};
template <class Editor>
concept edits_sequences = requires(Editor& editor) {
    editor.size();
    editor.erase(editor.size(), 1U);
};
template <class Editor, class T>
concept inserts = requires(Editor& editor, element_of<T> const& element) {
    editor.insert(element);
};
template <class Editor, class T>
concept assigns = requires(Editor& editor, element_of<T> const& value) {
    editor.assign(value);
};
template <class Editor, class T>
concept raises = requires(Editor& editor, element_of<T> const& value) {
    editor.raise(value);
};
template <class Editor, class T>
concept lowers = requires(Editor& editor, element_of<T> const& value) {
    editor.lower(value);
};

template <class Editor>
std::string change_counter(Editor& editor, splitmix64& random) {
    auto const by = amount(random);
    auto const what = random.below(5);
    if constexpr (requires { editor.reset(); }) {
        if (what == 0) {
            editor.reset();
            return call_of("reset");
        }
    }
    if constexpr (requires { editor.decrement(by); }) {
        if (what < 3) {
            editor.decrement(by);
            return call_of("decrement", text_of(by));
        }
    }
    editor.increment(by);
    return call_of("increment", text_of(by));
}

template <class Editor, class Element>
std::string change_set(Editor& editor, splitmix64& random, Element const& element) {
    if constexpr (requires { editor.erase(element); }) {
        if (random.chance(35)) {
            editor.erase(element);
            return call_of("erase", text_of(element));
        }
    }
    editor.insert(element);
    return call_of("insert", text_of(element));
}

template <class Editor, class Value>
std::string change_register(Editor& editor, splitmix64& random, Value const& value) {
    if constexpr (requires { editor.clear(); }) {
        if (random.chance(20)) {
            editor.clear();
            return call_of("clear");
        }
    }
    editor.assign(value);
    return call_of("assign", text_of(value));
}

/// `make(random)` makes what is inserted.
template <class Editor, class Make>
std::string change_sequence(Editor& editor, splitmix64& random, Make&& make) {
    auto const at = random.below(editor.size() + 1);
    if (at != editor.size() && random.chance(40)) {
        auto const count = 1 + random.below(editor.size() - at < 3 ? editor.size() - at : 3);
        editor.erase(at, count);
        return call_of("erase", std::to_string(at) + ", " + std::to_string(count));
    }
    auto const value = make(random);
    editor.insert(at, value);
    return call_of("insert", std::to_string(at) + ", " + text_of(value));
}
inline std::string words(splitmix64& random) {
    static constexpr std::array<char const*, 6> all{"a",        "bc",           "\n",
                                                    "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    return random.pick(all);
}

template <class Editor>
std::string change_document(Editor& editor, splitmix64& random) {
    static constexpr std::array<char const*, 3> keys{"a", "b", "c"};
    std::string_view const key = random.pick(keys);
    auto const number = static_cast<std::int64_t>(random.below(4));
    auto const call = [&](std::string_view verb, bool has_number) {
        return call_of(verb, std::string{key} + (has_number ? ", " + text_of(number) : ""));
    };
    switch (random.below(6)) {
    case 0:
        editor.erase(key);
        return call("erase", false);
    case 1:
        editor.increment(key, number);
        return call("increment", true);
    case 2:
        editor.insert(key, number);
        return call("insert", true);
    case 3:
        editor.make_map(key);
        return call("make_map", false);
    case 4:
        editor.set({key, "x"}, number);
        return call_of("set", std::string{key} + "/x, " + text_of(number));
    default:
        editor.set(key, number);
        return call("set", true);
    }
}

/// What a map holds under a key.
template <class T>
struct under_key;
template <class T>
requires requires {
    typename T::mapped_type;
}
struct under_key<T> {
    using type = typename T::mapped_type;
};
template <class T>
requires requires {
    typename T::inner_type;
}
struct under_key<T> {
    using type = typename T::inner_type;
};
template <class T>
using under_key_t = typename under_key<T>::type;

template <class T, class Editor>
std::string change_map(Editor& editor, splitmix64& random) {
    auto const key = generate<typename T::key_type>(random);
    if constexpr (requires { editor.at(key); }) {
        if (random.chance(25)) {
            editor.erase(key);
            return call_of("erase", text_of(key));
        }
        auto value = editor.at(key);
        return "at(" + text_of(key) + ")." + random_change<under_key_t<T>>::change(value, random);
    } else {
        auto const value = generate<under_key_t<T>>(random);
        if (random.chance(30)) {
            editor.erase(key);
            return call_of("erase", text_of(key));
        }
        editor.assign(key, value);
        return call_of("assign", text_of(key) + ", " + text_of(value));
    }
}

template <class Accessor>
struct member_of;
template <class Record, class Field, Field Record::*pointer, template <class P, P> class Accessor>
struct member_of<Accessor<Field Record::*, pointer>> {
    using field = Field;
    static constexpr auto value = pointer;
};

template <class Record, class Editor>
std::string change_record(Editor& editor, splitmix64& random) {
    auto left = random.below(field_count<Record>);
    std::string out;
    boost::hana::for_each(boost::hana::accessors<Record>(), [&](auto const& field) {
        if (left-- == 0) {
            using member = member_of<std::remove_cvref_t<decltype(boost::hana::second(field))>>;
            auto inner = editor[member::value];
            out = std::string{joinery::detail::field_name<decltype(field)>} + '.' +
                  random_change<typename member::field>::change(inner, random);
        }
    });
    return out;
}

} // namespace detail

template <class T>
struct random_change {
    template <class Editor>
    static std::string change(Editor& editor, splitmix64& random) {
        if constexpr (requires { typename T::record_type; }) {
            return detail::change_record<typename T::record_type>(editor, random);
        } else if constexpr (requires { typename detail::under_key_t<T>; }) {
            return detail::change_map<T>(editor, random);
        } else if constexpr (detail::edits_documents<Editor>) {
            return detail::change_document(editor, random);
        } else if constexpr (detail::edits_sequences<Editor>) {
            if constexpr (requires { editor.insert(0, std::string_view{}); }) {
                return detail::change_sequence(editor, random, detail::words);
            } else {
                return detail::change_sequence(editor, random, [](splitmix64& r) {
                    return generate<detail::element_of<T>>(r);
                });
            }
        } else if constexpr (detail::counts<Editor>) {
            return detail::change_counter(editor, random);
        } else if constexpr (detail::switches<Editor>) {
            auto const on = random.chance(60);
            on ? editor.enable() : editor.disable();
            return detail::call_of(on ? "enable" : "disable");
        } else {
            auto const value = generate<detail::element_of<T>>(random);
            if constexpr (detail::inserts<Editor, T>) {
                return detail::change_set(editor, random, value);
            } else if constexpr (detail::raises<Editor, T>) {
                editor.raise(value);
                return detail::call_of("raise", text_of(value));
            } else if constexpr (detail::lowers<Editor, T>) {
                editor.lower(value);
                return detail::call_of("lower", text_of(value));
            } else {
                static_assert(detail::assigns<Editor, T>,
                              "joinery: random_change has to be specialized for this type");
                return detail::change_register(editor, random, value);
            }
        }
    }
};

/// A mutator for `check_laws`, made of the editor of `T`: one random call for each 64 bits.
template <delta_crdt T>
struct random_edits {
    using delta_type = typename T::delta_type;

    delta_type operator()(T& state, author const& by, std::uint64_t bits) const {
        std::string name;
        return change(state, by, bits, name);
    }
    /// How the edit reads that `bits` stand for: "insert(x)".
    [[nodiscard]] std::string name(std::uint64_t bits) const {
        T scratch;
        std::string name;
        (void)change(scratch, author{replica_id{1}, hlc::at(1), 1}, bits, name);
        return name;
    }

private:
    static delta_type change(T& state, author const& by, std::uint64_t bits, std::string& name) {
        splitmix64 random{bits};
        auto const call = [&](auto&& editor) { name = random_change<T>::change(editor, random); };
        return edited(state, by, call);
    }
};

} // namespace joinery::testing
