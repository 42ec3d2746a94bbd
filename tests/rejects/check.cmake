# Builds a program that must not compile, and looks for the message that it expects.
#
#   cmake -D BUILD_DIR=... -D TARGET=... -D PROGRAM=... -P check.cmake
cmake_minimum_required(VERSION 3.25)

file(STRINGS "${PROGRAM}" first_line LIMIT_COUNT 1)
if(NOT first_line MATCHES "^// expect: (.+)$")
  message(FATAL_ERROR "${PROGRAM}:1: the first line is not '// expect: REGEX'")
endif()
set(expected "${CMAKE_MATCH_1}")

execute_process(
  COMMAND "${CMAKE_COMMAND}" --build "${BUILD_DIR}" --target "${TARGET}"
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
# A compiler quotes the lines it speaks of, and a quoted line is no message.
string(REGEX REPLACE "\n +[0-9]* +[|][^\n]*" "" messages "${output}")

if(status EQUAL 0)
  message(NOTICE "${PROGRAM}: the compiler accepted it")
elseif(NOT messages MATCHES "${expected}")
  message(NOTICE "${output}\n${PROGRAM}: no message matches '${expected}'")
else()
  return()
endif()
message(FATAL_ERROR "not rejected as expected")
