;; calls itself twice
;; block 256, then {"kind":"branch","target":308,"next":264}
;;   256 addi x5,x0,2
;;   260 blt x10,x5,134
;; block 264, then {"kind":"call","target":256,"next":288}
;;   264 addi x2,x2,-16
;;   268 sd x1,8(x2)
;;   272 sd x8,0(x2)
;;   276 addi x8,x10,0
;;   280 addi x10,x8,-1
;;   284 jal x1,100
;; block 308, then {"kind":"return"}
;;   308 jalr x0,0(x1)
;; block 288, then {"kind":"call","target":256,"next":300}
;;   288 addi x8,x8,-2
;;   292 addi x10,x8,0
;;   296 jal x1,100
;; block 300, then {"kind":"return"}
;;   300 jalr x0,0(x1)
(func e0 (param pc fuel depth) (result pc fuel)
  local.get fuel
  i32.const 8
  i32.lt_u
  if
    local.get pc
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get pc
  i64.const -256
  i64.add
  local.set base
  i32.const 0
  i64.load x1
  local.set x1
  i32.const 0
  i64.load x2
  local.set x2
  i32.const 0
  i64.load x8
  local.set x8
  i32.const 0
  i64.load x10
  local.set x10
  block
    local.get fuel
    i32.const 2
    i32.sub
    local.set fuel
    i64.const 2
    local.set x5
    local.get x10
    local.get x5
    i64.lt_s
    if
      local.get fuel
      i32.const 1
      i32.sub
      local.set fuel
      local.get x1
      i64.const -2
      i64.and
      local.set va
      i32.const 0
      local.get x5
      i64.store x5
      local.get va
      local.get fuel
      return
    end
    local.get fuel
    i32.const 6
    i32.sub
    local.set fuel
    local.get x2
    i64.const -16
    i64.add
    local.set x2
    local.get x2
    local.tee va
    local.get va
    i32.wrap_i64
    i32.const 8
    i32.shr_u
    i32.const 16368
    i32.and
    local.tee entry
    i64.load TLB_WRITE
    i64.add
    local.tee within
    i64.const 4080
    i64.gt_u
    if
      local.get va
      i32.const 1040
      call touch
      i32.eqz
      if
        i32.const 548875
        local.set place
        i32.const 36
        local.set maskX
        br 2
      end
      local.get va
      i64.const 4095
      i64.and
      local.set within
    end
    local.get within
    i32.wrap_i64
    local.get entry
    i32.load TLB_WRITE+8
    i32.add
    local.set i32_24
    local.get i32_24
    local.get x1
    i64.store +8
    local.get i32_24
    local.get x8
    i64.store
    local.get x10
    local.set x8
    local.get x8
    i64.const -1
    i64.add
    local.set x10
    local.get base
    i64.const 288
    i64.add
    local.set x1
    local.get base
    i64.const 256
    i64.add
    local.set va
    i32.const 0
    local.get x1
    i64.store x1
    i32.const 0
    local.get x2
    i64.store x2
    i32.const 0
    local.get x5
    i64.store x5
    i32.const 0
    local.get x8
    i64.store x8
    i32.const 0
    local.get x10
    i64.store x10
    local.get base
    i64.const 256
    i64.add
    local.set va
    local.get depth
    i32.eqz
    if
      local.get va
      local.get fuel
      return
    end
    local.get va
    i32.wrap_i64
    local.get va
    i32.wrap_i64
    i32.const 11
    i32.shr_u
    i32.xor
    i32.const 3
    i32.shl
    i32.const 32752
    i32.and
    i32.const 0
    i32.load FILE_JUMPS
    i32.add
    local.tee entry
    i64.load
    local.get va
    i64.ne
    if
      local.get va
      local.get entry
      call beside
      local.tee entry
      i32.eqz
      if
        local.get va
        local.get fuel
        return
      end
    end
    local.get va
    local.get fuel
    local.get depth
    i32.const 1
    i32.sub
    local.get entry
    i32.load +8
    call_indirect
    local.set fuel
    local.tee va
    local.get base
    i64.const 288
    i64.add
    i64.ne
    local.get fuel
    i32.const 3
    i32.lt_u
    i32.or
    if
      local.get va
      local.get fuel
      return
    end
    i32.const 0
    i64.load x8
    local.set x8
    local.get fuel
    i32.const 3
    i32.sub
    local.set fuel
    local.get x8
    i64.const -2
    i64.add
    local.set x8
    local.get x8
    local.set x10
    local.get base
    i64.const 300
    i64.add
    local.set x1
    local.get base
    i64.const 256
    i64.add
    local.set va
    i32.const 0
    local.get x1
    i64.store x1
    i32.const 0
    local.get x8
    i64.store x8
    i32.const 0
    local.get x10
    i64.store x10
    local.get base
    i64.const 256
    i64.add
    local.set va
    local.get depth
    i32.eqz
    if
      local.get va
      local.get fuel
      return
    end
    local.get va
    i32.wrap_i64
    local.get va
    i32.wrap_i64
    i32.const 11
    i32.shr_u
    i32.xor
    i32.const 3
    i32.shl
    i32.const 32752
    i32.and
    i32.const 0
    i32.load FILE_JUMPS
    i32.add
    local.tee entry
    i64.load
    local.get va
    i64.ne
    if
      local.get va
      local.get entry
      call beside
      local.tee entry
      i32.eqz
      if
        local.get va
        local.get fuel
        return
      end
    end
    local.get va
    local.get fuel
    local.get depth
    i32.const 1
    i32.sub
    local.get entry
    i32.load +8
    call_indirect
    local.set fuel
    local.tee va
    local.get base
    i64.const 300
    i64.add
    i64.ne
    local.get fuel
    i32.const 1
    i32.lt_u
    i32.or
    if
      local.get va
      local.get fuel
      return
    end
    i32.const 0
    i64.load x1
    local.set x1
    local.get fuel
    i32.const 1
    i32.sub
    local.set fuel
    local.get x1
    i64.const -2
    i64.and
    local.set va
    local.get va
    local.get fuel
    return
    unreachable
  end
  local.get maskX
  i32.const 2
  i32.and
  if
    i32.const 0
    local.get x1
    i64.store x1
  end
  local.get maskX
  i32.const 4
  i32.and
  if
    i32.const 0
    local.get x2
    i64.store x2
  end
  local.get maskX
  i32.const 32
  i32.and
  if
    i32.const 0
    local.get x5
    i64.store x5
  end
  local.get maskX
  i32.const 256
  i32.and
  if
    i32.const 0
    local.get x8
    i64.store x8
  end
  local.get maskX
  i32.const 1024
  i32.and
  if
    i32.const 0
    local.get x10
    i64.store x10
  end
  local.get fuel
  local.get place
  i32.const 1
  i32.shr_u
  i32.const 1023
  i32.and
  i32.add
  local.set fuel
  local.get base
  local.get place
  i32.const 11
  i32.shr_s
  i64.extend_i32_s
  i64.add
  local.set va
  local.get place
  i32.const 1
  i32.and
  if
    local.get va
    i64.const 1
    i64.or
    local.get fuel
    return
  end
  local.get va
  i32.wrap_i64
  local.get va
  i32.wrap_i64
  i32.const 11
  i32.shr_u
  i32.xor
  i32.const 3
  i32.shl
  i32.const 32752
  i32.and
  i32.const 0
  i32.load FILE_JUMPS
  i32.add
  local.tee entry
  i64.load
  local.get va
  i64.ne
  if
    local.get va
    local.get entry
    call beside
    local.tee entry
    i32.eqz
    if
      local.get va
      local.get fuel
      return
    end
  end
  local.get va
  local.get fuel
  local.get depth
  local.get entry
  i32.load +8
  return_call_indirect
)
