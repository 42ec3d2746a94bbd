#pragma once

#ifdef JOINERY_MUTANTS
#include <string_view>
#endif

/// Bugs that libraries of this kind have shipped, each of which this one can be given by a single
/// branch, to see that a test notices. Only the program of `tests/mutants` is compiled with
/// `JOINERY_MUTANTS`; everywhere else the branches are constants, and gone.
namespace joinery::bugs {

#ifdef JOINERY_MUTANTS
#define JOINERY_BUG(name) inline bool name = false
#else
#define JOINERY_BUG(name) inline constexpr bool name = false
#endif

JOINERY_BUG(holes_act_as_deletes);
JOINERY_BUG(reset_forgets_floors);
JOINERY_BUG(removal_forgets_its_dots);
JOINERY_BUG(clock_ignores_remote_times);
JOINERY_BUG(removal_spares_other_writers);
JOINERY_BUG(register_tie_keeps_own);
JOINERY_BUG(session_stops_at_the_known);
JOINERY_BUG(session_waits_for_ever);
JOINERY_BUG(session_sends_one_by_one);
JOINERY_BUG(session_settles_unseen);
JOINERY_BUG(equivocation_reads_as_duplicate);
JOINERY_BUG(gap_is_taken);
JOINERY_BUG(restored_replica_writes_on);
JOINERY_BUG(length_is_believed);
JOINERY_BUG(waiting_is_unbounded);
JOINERY_BUG(expansion_is_believed);
JOINERY_BUG(replicas_in_order_of_arrival);
JOINERY_BUG(origins_skip_tombstones);
JOINERY_BUG(missing_right_is_the_end);
JOINERY_BUG(run_is_one_item);
JOINERY_BUG(missing_left_is_the_start);
JOINERY_BUG(unseen_replicas_have_a_rank);
JOINERY_BUG(siblings_ignore_right_origins);
JOINERY_BUG(insert_enters_a_run);

#undef JOINERY_BUG

#ifdef JOINERY_MUTANTS
struct known_bug {
    std::string_view name;
    std::string_view exhibit; ///< The test of this name must notice it: "museum: B1, ...".
    bool& is_present;
};
inline constexpr known_bug all[] = {
    {"holes_act_as_deletes", "B1", holes_act_as_deletes},
    {"reset_forgets_floors", "B2", reset_forgets_floors},
    {"removal_forgets_its_dots", "B3", removal_forgets_its_dots},
    {"clock_ignores_remote_times", "B4", clock_ignores_remote_times},
    {"removal_spares_other_writers", "B5", removal_spares_other_writers},
    {"register_tie_keeps_own", "B6", register_tie_keeps_own},
    {"session_stops_at_the_known", "B7", session_stops_at_the_known},
    {"session_waits_for_ever", "B8", session_waits_for_ever},
    {"session_sends_one_by_one", "B10", session_sends_one_by_one},
    {"session_settles_unseen", "B11", session_settles_unseen},
    {"equivocation_reads_as_duplicate", "B12", equivocation_reads_as_duplicate},
    {"gap_is_taken", "B13", gap_is_taken},
    {"restored_replica_writes_on", "B14", restored_replica_writes_on},
    {"length_is_believed", "B18", length_is_believed},
    {"waiting_is_unbounded", "B20", waiting_is_unbounded},
    {"expansion_is_believed", "B21", expansion_is_believed},
    {"replicas_in_order_of_arrival", "B22", replicas_in_order_of_arrival},
    {"origins_skip_tombstones", "B15", origins_skip_tombstones},
    {"missing_right_is_the_end", "B15", missing_right_is_the_end},
    {"run_is_one_item", "B15", run_is_one_item},
    {"missing_left_is_the_start", "B17", missing_left_is_the_start},
    {"unseen_replicas_have_a_rank", "B22", unseen_replicas_have_a_rank},
    {"siblings_ignore_right_origins", "B23", siblings_ignore_right_origins},
    {"insert_enters_a_run", "B23", insert_enters_a_run},
};
#endif

} // namespace joinery::bugs
