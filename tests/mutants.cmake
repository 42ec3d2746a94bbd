# Runs the museum with each known bug switched on, and fails unless the test that bears
# its name notices each of them.
# usage: cmake -D PROGRAM=joinery_museum -P mutants.cmake
cmake_minimum_required(VERSION 3.25)

execute_process(COMMAND "${PROGRAM}" RESULT_VARIABLE status OUTPUT_VARIABLE output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the museum fails without any bug:\n${output}")
endif()

execute_process(COMMAND "${PROGRAM}" --list-bugs OUTPUT_VARIABLE bugs COMMAND_ERROR_IS_FATAL ANY)
string(STRIP "${bugs}" bugs)
string(REPLACE "\n" ";" bugs "${bugs}")

set(survivors "")
foreach(line IN LISTS bugs)
  string(REPLACE " " ";" line "${line}")
  list(GET line 0 bug)
  list(GET line 1 exhibit)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env "JOINERY_BUG=${bug}" "${PROGRAM}"
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_QUIET TIMEOUT 60)
  string(REGEX MATCH "killed by: museum: ${exhibit},[^\n]*" killer "${output}")
  if(status EQUAL 0 OR NOT killer)
    list(APPEND survivors "${bug}")
    set(killer "SURVIVES ${exhibit}")
  endif()
  message("${bug}\n    ${killer}")
endforeach()

if(survivors)
  list(JOIN survivors ", " survivors)
  message(FATAL_ERROR "no test notices: ${survivors}")
endif()
